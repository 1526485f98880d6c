/**
 * The same function, which remembers what it has said of up to `most` arguments; then it begins anew. For answers that never change and are
 * asked for again and again. What throws is not remembered.
 */
export function remembering<Key, Value>(most: number, answer: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const value = answer(key);
    if (known.size >= most) known.clear();
    known.set(key, value);
    return value;
  };
}
