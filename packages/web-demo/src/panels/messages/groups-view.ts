import { format, type Term } from "@erl-dist/core";
import { html, type TemplateResult } from "lit";
import type { Words } from "../../words.ts";
import type { PanelKey } from "../strings.ts";
import { readTyped, termInput } from "../term-input.ts";
import type { MessagesKey } from "./strings.ts";

export interface GroupsModel {
  readonly words: Words<MessagesKey | PanelKey>;
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
  const { words } = model;
  return html`
    <div class="groups">
      ${
        model.groups.length === 0
          ? html`<p class="muted">${words.say("messagesNoGroups", { scope: "pg", start: "pg:start_link()" })}</p>`
          : html`<ul>${model.groups.map((each) => groupView(each, model))}</ul>`
      }
      <form class="join" @submit=${submit}>
        ${termInput({ name: "group", id: "group", label: words.say("messagesJoinAnother"), words, text: model.text, input: model.typed })}
        <button part="button" ?disabled=${!model.connected || typed.type !== "term"}>${words.say("messagesJoin")}</button>
      </form>
    </div>
  `;
}

function groupView({ group, members, joined }: GroupsModel["groups"][number], model: GroupsModel): TemplateResult {
  const { words } = model;
  const name = format(group, { limit: 200, printable: "unicode" });
  return html`
    <li>
      <code>${name}</code> <span class="muted">${words.many(joined ? "messagesMembersAndPage" : "messagesMembers", members)}</span>
      ${
        joined
          ? html`<button part="button" type="button" aria-label=${words.say("messagesLeaveGroup", { group: name })} @click=${() => model.leave(group)}>${words.say("messagesLeave")}</button>`
          : html`<button part="button" type="button" aria-label=${words.say("messagesJoinGroup", { group: name })} @click=${() => model.join(group)}>${words.say("messagesJoin")}</button>`
      }
    </li>
  `;
}
