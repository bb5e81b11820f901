// An application with a supervision tree for tests of what looks at one, made on a real node: nothing has to be there but OTP.
import type { ErlNode } from "../../../../test/support/otp.ts";

const FORMS = [
  "-module(shop).",
  "-export([start/2, stop/1, init/1, worker/1, loop/1, give/1, nobody/0, sup/2]).",
  "start(_, Spec) -> supervisor:start_link({local, shop_sup}, shop, Spec).",
  "stop(_) -> ok.",
  "init(Spec) -> {ok, Spec}.",
  "sup(Name, Spec) -> supervisor:start_link({local, Name}, shop, Spec).",
  "worker(Name) -> {ok, proc_lib:spawn_link(shop, loop, [Name])}.",
  "loop(Name) -> receive stop -> exit(shutdown); {link, Pid} -> link(Pid), loop(Name) end.",
  // A process that is there already, of this node or another one.
  "give(Pid) -> link(Pid), {ok, Pid}.",
  "nobody() -> ignore.",
];

const worker = (id: string): string => `#{id => ${id}, start => {shop, worker, [${id}]}, restart => temporary}`;
const sup = (id: string, spec: string): string =>
  `#{id => ${id}, type => supervisor, start => {shop, sup, [${id}_sup, ${spec}]}}`;
const WORKER_POOL = "{{simple_one_for_one, 1, 5}, [#{id => guest, start => {shop, worker, []}, restart => temporary}]}";

/**
 * `shop_sup` has the workers `till` and `clerk`, the supervisor `aisle` with `shelf_1` to `shelf_3`, the supervisor `crowd` with as
 * many workers as are asked for, `guests` (simple_one_for_one) with three, `nobody`, who is not running, and `liar`, who is no supervisor
 * but is said to be one.
 */
export async function startShop(erl: ErlNode, { crowd = 0 }: { readonly crowd?: number } = {}): Promise<void> {
  const aisle = `{{one_for_all, 2, 7}, [${[1, 2, 3].map((number) => worker(`shelf_${number}`)).join()}]}`;
  const crowded = `{{one_for_one, 1, 5}, [#{id => {member, N}, start => {shop, worker, [N]}} || N <- lists:seq(1, ${crowd})]}`;
  await erl.eval(`
    Forms = [begin {ok, Tokens, _} = erl_scan:string(Text), {ok, Form} = erl_parse:parse_form(Tokens), Form end
             || Text <- [${FORMS.map((form) => `"${form}"`).join()}]],
    {ok, shop, Code} = compile:forms(Forms),
    {module, shop} = code:load_binary(shop, "shop.beam", Code),
    Children = [${worker("till")}, ${worker("clerk")}, ${sup("aisle", aisle)}, ${sup("crowd", crowded)}, ${sup("guests", WORKER_POOL)},
      #{id => nobody, start => {shop, nobody, []}}, #{id => liar, type => supervisor, start => {shop, worker, [liar]}, restart => temporary}],
    ok = application:load({application, shop, [{description, "sells books"}, {vsn, "1.2.3"}, {modules, [shop]}, {registered, [shop_sup]},
      {applications, [kernel, stdlib]}, {mod, {shop, {{one_for_one, 3, 10}, Children}}}]}),
    ok = application:start(shop),
    [{ok, _} = supervisor:start_child(guests_sup, [Name]) || Name <- [ann, bob, cid]], ok`);
}
