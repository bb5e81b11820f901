// The chat of pg-chat.ts in a page: the tab is a node, and one of its processes a member of the group, beside those of Erlang nodes
// and other tabs. The Erlang node is started with -kernel start_pg true.
//
//   npm run bridge -- --dev app@127.0.0.1
//   npx vite examples/pg-chat-page
import { atom, charlist, ErlangNode, pattern, pg, type ProcessGroups, type Term, text, tuple } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";

const CHAT = atom("chat");

const element = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  // The page is ours and says what it has.
  return found as T;
};
const [joinForm, sayForm] = [element<HTMLFormElement>("join"), element<HTMLFormElement>("say")];

joinForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = (name: string): string => (joinForm.elements.namedItem(name) as HTMLInputElement).value.trim();
  joinForm.hidden = true;
  join(field("bridge"), field("node"), field("cookie"), field("who")).catch((error: unknown) => {
    joinForm.hidden = false;
    status(error instanceof Error ? error.message : String(error));
  });
});

async function join(url: string, peer: string, cookie: string, who: string): Promise<void> {
  status(`Connecting to ${peer} …`);
  const node = await ErlangNode.start({ cookie, connect: bridge(url), reconnect: true });
  try {
    await node.connect(peer);
  } catch (error) {
    await node.stop();
    throw error;
  }
  const groups = pg(node);
  const member = node.spawn(async (self) => {
    for (;;) {
      const { Who, Line } = await self.receive(pattern<{ Who: Term; Line: Term }>`{chat, Who, Line}`);
      addLine(`${text(Who)}: ${text(Line)}`);
    }
  });
  groups.join(CHAT, member);
  const show = (): void => showMembers(groups);
  groups.addEventListener("join", show);
  groups.addEventListener("leave", show);
  const connected = (): void => status(`This page is ${node.name}, connected to ${peer}.`);
  node.addEventListener("reconnecting", ({ delayMs }) =>
    status(`No connection; next attempt in ${Math.ceil(delayMs / 1000)} s.`),
  );
  node.addEventListener("reconnected", connected);
  node.addEventListener("reconnectfailed", ({ error }) => status(String(error)));
  show();
  connected();

  const left = new AbortController();
  const { signal } = left;
  sayForm.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      const line = sayForm.elements.namedItem("line") as HTMLInputElement;
      for (const each of groups.members(CHAT)) node.send(each, tuple(CHAT, charlist(who), charlist(line.value)));
      line.value = "";
    },
    { signal },
  );
  const leave = async (): Promise<void> => {
    left.abort();
    await node.stop();
    element("chat").hidden = true;
    joinForm.hidden = false;
    status(`${who} has left.`);
  };
  element("leave").addEventListener("click", () => void leave(), { signal });
  element("chat").hidden = false;
}

function showMembers(groups: ProcessGroups): void {
  element("members").replaceChildren(...groups.members(CHAT).map((pid) => listItem(pid.toString())));
}

function addLine(line: string): void {
  element("lines").append(listItem(line));
}

function listItem(content: string): HTMLLIElement {
  const item = document.createElement("li");
  item.textContent = content;
  return item;
}

function status(words: string): void {
  element("status").textContent = words;
}
