// Writes the contract with npm docx and prints the median of the milliseconds as JSON: node npm.mjs FOLDER OUT.docx
import { readFileSync, writeFileSync } from "node:fs";
import {
  AlignmentType, Document, HeadingLevel, LevelFormat, Packer, Paragraph, Table, TableCell, TableRow, TextRun, WidthType,
} from "docx";

const RUNS = 3;
const [folder, out] = process.argv.slice(2);
const lines = readFileSync(`${folder}/contract.txt`, "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
const headings = [HeadingLevel.HEADING_1, HeadingLevel.HEADING_2, HeadingLevel.HEADING_3];
const level = (number, format, text) => ({
  level: number, format, text, alignment: AlignmentType.LEFT,
  style: { paragraph: { indent: { left: 420 * (number + 1), hanging: 420 } } },
});

const runs = (words) => words.map((word) => new TextRun({ text: word.slice(1), bold: word[0] === "*" }));
const cell = (word) => new TableCell({ children: [new Paragraph({ children: runs([word]) })] });

function contract() {
  const children = [];
  let rows = [];
  const table = () => {
    if (rows.length > 0) children.push(new Table({ rows, width: { size: 100, type: WidthType.PERCENTAGE } }));
    rows = [];
  };
  for (const [kind, depth, ...words] of lines) {
    if (kind === "header") table();
    if (kind === "header" || kind === "row") {
      rows.push(new TableRow({ children: words.map(cell), tableHeader: kind === "header" }));
      continue;
    }
    table();
    const numbering = { reference: "clauses", level: Number(depth) };
    if (kind === "heading") children.push(new Paragraph({ children: runs(words), heading: headings[depth], numbering }));
    else if (kind === "item") children.push(new Paragraph({ children: runs(words), numbering }));
    else children.push(new Paragraph({ children: runs(words) }));
  }
  table();
  return new Document({
    numbering: {
      config: [{
        reference: "clauses",
        levels: [
          level(0, LevelFormat.DECIMAL, "%1."), level(1, LevelFormat.DECIMAL, "%1.%2"),
          level(2, LevelFormat.LOWER_LETTER, "(%3)"), level(3, LevelFormat.LOWER_ROMAN, "(%4)"),
        ],
      }],
    },
    sections: [{ children }],
  });
}

const times = [];
let bytes;
for (let run = 0; run < RUNS; run++) {
  const start = performance.now();
  bytes = await Packer.toBuffer(contract());
  times.push(performance.now() - start);
}
writeFileSync(out, bytes);
times.sort((a, b) => a - b);
console.log(JSON.stringify({ write_ms: times[RUNS >> 1], bytes: bytes.length }));
