// Sorting, filtering and copying: the page is complete without it.
"use strict";

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function cellValue(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
}

// Numbers by value, the rest by name; empty cells last whichever way it is sorted.
function compareCells(a, b, direction) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const numbers = [Number(a), Number(b)];
  const order = numbers.some(Number.isNaN) ? collator.compare(a, b) : numbers[0] - numbers[1];
  return order * direction;
}

function sortTable(table, column, header) {
  const direction = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [cellValue(row, column), row]);
  rows.sort((a, b) => compareCells(a[0], b[0], direction));
  body.append(...rows.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sortTable(table, column, header));
    header.append(button);
  });
}

for (const form of document.querySelectorAll("form.filter")) {
  const rows = [...document.getElementById(form.dataset.filters).tBodies[0].rows];
  const [search, choice, output] = ["input", "select", "output"].map((tag) => form.querySelector(tag));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = choice ? choice.value : "";
    let shown = 0;
    rows.forEach((row, index) => {
      const fits = words.every((word) => texts[index].includes(word)) && (!wanted || row.dataset.verdict === wanted);
      row.hidden = !fits;
      shown += fits;
    });
    output.textContent = words.length || wanted ? `${shown} of ${rows.length} shown` : "";
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
}

// The index is the page itself: what carries data-find can be found by its words.
const MOST_FOUND = 20;
const MOST_TITLE = 140;
const places = [...document.querySelectorAll("[data-find]")].map((element) => ({
  id: element.id,
  kind: element.dataset.find,
  title: element.dataset.title,
  paper: element.closest("section.paper").id,
  text: [element.dataset.find, element.dataset.title, element.dataset.words].join(" ").toLowerCase(),
}));

function link(place) {
  const item = document.createElement("li");
  const anchor = document.createElement("a");
  anchor.href = `#${place.id}`;
  anchor.textContent = place.title.length > MOST_TITLE ? `${place.title.slice(0, MOST_TITLE)} …` : place.title;
  const kind = document.createElement("span");
  kind.className = "meta";
  kind.textContent = ` ${place.kind}, ${place.paper}`;
  item.append(anchor, kind);
  return item;
}

for (const form of document.querySelectorAll("form.find")) {
  const [input, output, list] = ["input", "output", "ul"].map((tag) => form.querySelector(tag));
  const find = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = words.length
      ? places.filter((place) => words.every((word) => `${place.paper} ${place.text}`.includes(word)))
      : [];
    list.replaceChildren(...found.slice(0, MOST_FOUND).map(link));
    const shown = found.length > MOST_FOUND ? `, the first ${MOST_FOUND} are shown` : "";
    output.textContent = words.length ? `${found.length} found${shown}` : "";
  };
  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  form.hidden = false;
}

if (navigator.clipboard) {
  for (const block of document.querySelectorAll("pre.command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      button.textContent = "Copied";
    });
    block.append(button);
  }
}

// A link into a closed part opens it.
function openTarget() {
  let place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const target = place;
  for (; place; place = place.parentElement) if (place.tagName === "DETAILS") place.open = true;
  target?.scrollIntoView();
}
addEventListener("hashchange", openTarget);
openTarget();

// On paper nothing can be opened: what explains the verdicts is.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details[data-print]")) part.open = true;
});
