/** What turns one text into another: the part between the beginning and the end that both have. */
export function difference(old, next) {
  const shorter = Math.min(old.length, next.length);
  let from = 0;
  while (from < shorter && old[from] === next[from]) from += 1;
  let same = 0;
  while (same < shorter - from && old.at(-1 - same) === next.at(-1 - same)) same += 1;
  // Never between the two halves of one sign.
  if (isSecondHalf(old, from) || isSecondHalf(next, from)) from -= 1;
  if (same > 0 && isSecondHalf(old, old.length - same)) same -= 1;
  return { from, to: old.length - same, insert: next.slice(from, next.length - same) };
}

function isSecondHalf(text, at) {
  return at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
