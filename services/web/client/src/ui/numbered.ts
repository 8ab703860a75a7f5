/** numbered gives each item its place, from 1: the order of options is their identity. */
export function numbered<T>(items: Iterable<T>): { readonly place: number; readonly item: T }[] {
  return Array.from(items, (item, i) => ({ place: i + 1, item }));
}
