import { format, type Term } from "@erl-dist/core";
import { html, nothing, type TemplateResult } from "lit";
import { readTyped, termInput } from "../term-input.ts";

export interface GroupsModel {
  readonly groups: readonly { readonly group: Term; readonly members: number; readonly joined: boolean }[];
  readonly text: string;
  readonly connected: boolean;
  readonly typed: (text: string) => void;
  readonly join: (group: Term) => void;
  readonly leave: (group: Term) => void;
}

/** The process groups of the node's pg, and whether this page's process is in them. */
export function groupsView(model: GroupsModel): TemplateResult {
  const typed = readTyped(model.text);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (typed.type === "term") model.join(typed.term);
  };
  return html`
    <div class="groups">
      ${
        model.groups.length === 0
          ? html`<p class="muted">No groups are known. They appear when the scope <code>pg</code> runs on the node (<code>pg:start_link()</code>).</p>`
          : html`<ul>${model.groups.map((each) => groupView(each, model))}</ul>`
      }
      <form class="join" @submit=${submit}>
        ${termInput({ name: "group", id: "group", label: "Join another group", text: model.text, input: model.typed })}
        <button part="button" ?disabled=${!model.connected || typed.type !== "term"}>Join</button>
      </form>
    </div>
  `;
}

function groupView({ group, members, joined }: GroupsModel["groups"][number], model: GroupsModel): TemplateResult {
  const name = format(group, { limit: 200, printable: "unicode" });
  return html`
    <li>
      <code>${name}</code> <span class="muted">${members === 1 ? "1 member" : `${members} members`}${joined ? ", this page too" : nothing}</span>
      ${
        joined
          ? html`<button part="button" type="button" aria-label="Leave ${name}" @click=${() => model.leave(group)}>Leave</button>`
          : html`<button part="button" type="button" aria-label="Join ${name}" @click=${() => model.join(group)}>Join</button>`
      }
    </li>
  `;
}
