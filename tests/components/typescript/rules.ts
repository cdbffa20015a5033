// Imported by put_item.ts, so that a bundle has a module of the project in it.
export interface Item {
  id: string;
  name: string;
}

/** The item, complete; throws on line 13 without an id: the test looks for that line in the trace. */
export function checked(item: Partial<Item>): Item {
  if (item.id) {
    return { id: item.id, name: item.name ?? "nobody" };
  }

  throw new Error("an item without an id");
}
