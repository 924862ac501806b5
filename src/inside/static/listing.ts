/** A directory as a page of links. It must not know HTTP. */

import { readdir } from 'node:fs/promises';

const ENTRIES_MAX = 10_000;

/** Hidden files are left out. `title`: the directory as the reader knows it. */
export async function listingPage(directory: string, title: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.name.startsWith('.'))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
  const items = names
    .slice(0, ENTRIES_MAX)
    .map((name) => `<li><a href="./${hrefOf(name)}">${escaped(name)}</a></li>`);
  const more = names.length > ENTRIES_MAX ? `<p>and ${names.length - ENTRIES_MAX} more</p>` : '';
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>
<h1>${escaped(title)}</h1>
<ul>
${[...(title === '/' ? [] : ['<li><a href="../">../</a></li>']), ...items].join('\n')}
</ul>${more}
</html>
`;
}

function hrefOf(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
