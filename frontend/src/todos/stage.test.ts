import { expect, test } from "vitest";
import { Stage } from "./stage.ts";
import { fakeStore, todoOf } from "./store.fake.ts";

test("a todo is added to the list and with the tag that are shown", () => {
  const { store, asked, view } = fakeStore();
  const stage = new Stage(store);
  stage.show({ list: "home", tag: "shop" });
  stage.add("Milk");
  expect(asked).toEqual([["add", { title: "Milk", list_id: "home", tags: ["shop"] }]]);
  stage.show({ show: "bin", q: "bread" });
  stage.add("Bread");
  expect(view.value).toMatchObject({ show: "open", q: undefined });
});

test("acts are taken back in turn, or one todo's alone", () => {
  const { store, asked, todos } = fakeStore("a", "b", "c");
  const stage = new Stage(store);
  const [a, b, c] = todos.value as [
    ReturnType<typeof todoOf>,
    ReturnType<typeof todoOf>,
    ReturnType<typeof todoOf>,
  ];
  stage.complete(a);
  stage.change(b, { title: "B" });
  stage.move(c, -1);
  stage.remove(a);
  asked.length = 0;
  stage.undo();
  stage.undo("b");
  stage.undo();
  stage.undo();
  expect(asked).toEqual([
    ["restore", "a"],
    ["edit", "b", { title: "b" }],
    ["move", "c", { after: "b" }],
    ["complete", "a", false],
  ]);
  stage.undo();
  expect(stage.said.value).toBe("There is nothing to undo.");
});

test("what is the same already is no change", () => {
  const { store, asked, todos } = fakeStore("a");
  new Stage(store).change(todos.value[0]!, { title: "a", notes: null });
  expect(asked).toEqual([]);
});

test.each([
  ["a", 2, { after: "c" }, "a moved to place 3 of 3."],
  ["c", -1, { before: "b" }, "c moved to place 2 of 3."],
])("moving %s by %d puts it beside another, and says where it is", (key, by, to, said) => {
  const { store, asked } = fakeStore("a", "b", "c");
  const stage = new Stage(store);
  stage.move(todoOf(key), by);
  expect(asked).toEqual([["move", key, to]]);
  expect(stage.said.value).toBe(said);
});

test("a step is moved among the steps of its todo, and a todo past another's steps", () => {
  const { store, asked, todos } = fakeStore("a", "a1", "a2", "b");
  todos.value = todos.value.map((one) => (one.title.length > 1 ? { ...one, parent_id: "a" } : one));
  const stage = new Stage(store);
  stage.move(todos.value[2]!, -1);
  stage.move(todos.value[0]!, 1);
  stage.move(todos.value[1]!, -1);
  expect(asked).toEqual([
    ["move", "a2", { before: "a1" }],
    ["move", "a", { after: "b" }],
  ]);
  expect(stage.said.value).toBe("It cannot go further.");
});

test("the same is said again", () => {
  const stage = new Stage(fakeStore().store);
  stage.say("Undone.");
  const first = stage.said.value;
  stage.say("Undone.");
  expect(stage.said.value).not.toBe(first);
});
