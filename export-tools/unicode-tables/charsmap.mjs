// A minimal SentencePiece "precompiled charsmap": a double-array trie over UTF-8 bytes, then the replacement strings.
export function Charsmap(entries) {
  const root = { children: new Map() };
  const replacements = [];
  let textLength = 0;
  for (const [from, to] of entries) {
    let node = root;
    for (const byte of Buffer.from(from))
      node = node.children.get(byte) ?? node.children.set(byte, { children: new Map() }).get(byte);
    node.value = textLength;
    const bytes = Buffer.concat([Buffer.from(to), Buffer.from([0])]);
    replacements.push(bytes);
    textLength += bytes.length;
  }

  // Every node's children get 256 units of their own: wasteful and simple.
  const units = [];
  let blocks = 0;
  const place = (node, position) => {
    const base = 256 * ++blocks;
    const offset = position ^ base;
    units[position] = ((units[position] ?? 0) & 0xff) | (node.value === undefined ? 0 : 0x100) | (offset << 10);
    if (node.value !== undefined)
      units[base] = (node.value | 0x80000000) >>> 0;
    for (const [byte, child] of node.children) {
      units[base ^ byte] = byte;
      place(child, base ^ byte);
    }
  };
  place(root, 0);
  const trie = Buffer.alloc(256 * (blocks + 1) * 4);
  units.forEach((unit, i) => trie.writeUInt32LE(unit >>> 0, i * 4));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(trie.length);
  return Buffer.concat([size, trie, ...replacements]).toString('base64');
}
