/**
 * Answers that depend on one object alone, for as long as somebody has that object. The platform gives the same description of a
 * process as long as nothing changed, so that a daemon thinks about each process once. Only for pure functions of what never changes.
 */

export function remembered<Of extends object, Answer>(think: (of: Of) => Answer): (of: Of) => Answer {
  const answers = new WeakMap<Of, { readonly answer: Answer }>();
  return (of) => {
    let known = answers.get(of);
    if (known === undefined) {
      known = { answer: think(of) };
      answers.set(of, known);
    }
    return known.answer;
  };
}
