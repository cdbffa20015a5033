// Calls functions as Lambda does: for each line of JSON with an event a line with what came of it.
const { AsyncLocalStorage } = require("node:async_hooks");
const { createInterface } = require("node:readline");

const files = JSON.parse(process.argv[2]);
const send = process.stdout.write.bind(process.stdout);
const logs = new AsyncLocalStorage();
process.stdout.write = (text) => logs.getStore().push(text);

async function call({ name, event, context }) {
  try {
    return { result: await require(files[name]).handler(event, context) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

async function answer(line) {
  const request = JSON.parse(line);
  const outcome = await call(request);
  send(`${JSON.stringify({ id: request.id, ...outcome, logs: logs.getStore() })}\n`);
}

createInterface({ input: process.stdin }).on("line", (line) => logs.run([], answer, line));
