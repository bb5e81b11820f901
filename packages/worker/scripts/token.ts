// `npm -w @erl-dist/worker run token -- NAME [HOURS]`: a token for a caller of that name, signed with CALLER_KEY.
import { SignJWT } from "jose";

const [name, hours = "1"] = process.argv.slice(2);
const { CALLER_KEY: key = "", NODE_NAME: node = "worker@edge" } = process.env;

if (name === undefined || !(Number(hours) > 0 && Number(hours) <= 24)) {
  console.error("usage: npm -w @erl-dist/worker run token -- NAME [HOURS, at most 24]");
  process.exitCode = 2;
} else if (key.length < 32) {
  console.error("CALLER_KEY in the environment has to be the Worker's secret of that name, of 32 characters or more");
  process.exitCode = 2;
} else {
  const token = new SignJWT().setProtectedHeader({ alg: "HS256" }).setSubject(name).setAudience(node);
  console.log(await token.setExpirationTime(`${hours}h`).sign(new TextEncoder().encode(key)));
}
