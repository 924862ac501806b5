import assert from 'node:assert/strict';
import { test } from 'node:test';
import { characterWidth } from '../../src/config/display-width.ts';

test('what is known to be narrow without a look at Unicode’s tables is narrow by them', () => {
  for (let code = 0; code < 0x3000; code += 1) {
    const character = String.fromCodePoint(code);
    const isZero = /^[\p{Mn}\p{Me}\u200b-\u200d]$/u.test(character);
    const isWide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0x303e);
    const expected = isZero ? 0 : isWide || /^\p{Emoji_Presentation}$/u.test(character) ? 2 : 1;
    assert.equal(characterWidth(character), expected, `U+${code.toString(16)}`);
  }
});
