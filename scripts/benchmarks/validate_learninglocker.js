// The peer's own loop: JSON.parse and @learninglocker/xapi-validation over each line; prints {seconds, accepted}.
const fs = require("fs");
const validate = require("@learninglocker/xapi-validation").default;
const lines = fs.readFileSync(process.argv[2], "utf8").trim().split("\n");
const pass = () => lines.reduce((accepted, line) => accepted + (validate(JSON.parse(line), []).length === 0), 0);
pass();
let seconds = Infinity;
let accepted = 0;
for (let round = 0; round < 3; round += 1) {
  const begin = process.hrtime.bigint();
  accepted = pass();
  seconds = Math.min(seconds, Number(process.hrtime.bigint() - begin) / 1e9);
}
console.log(JSON.stringify({ seconds, accepted }));
