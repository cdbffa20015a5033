// Calls functions as Lambda does: for a line of JSON with an event a line with what came of it.
const { createInterface } = require("node:readline");

const files = JSON.parse(process.argv[2]);
const send = process.stdout.write.bind(process.stdout);
let logs = [];
process.stdout.write = (text) => logs.push(text);

async function call({ name, event, context }) {
  try {
    return { result: await require(files[name]).handler(event, context) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const outcome = await call(JSON.parse(line));
    send(`${JSON.stringify({ ...outcome, logs })}\n`);
    logs = [];
  }
}

main();
