/** Writes down whose code a bundle contains, with the licence texts. Told by esbuild's metafiles, so that no list can go stale. */

import { readdirSync, readFileSync } from 'node:fs';
import { at } from './root.mjs';

/** Markdown: one section for each package with at least one byte in an output of the metafiles. Fails when one has no licence text. */
export function licenceReport(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const output of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
        const folder = packageFolder(input);
        if (folder !== null && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  const intro =
    '# Third-party licences\n\nLoopyard is published with parts of these packages inside its files.\n';
  return [intro, ...[...folders].sort().map(section)].join('\n');
}

function packageFolder(input) {
  return input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? null;
}

function section(folder) {
  const { name, version, license } = JSON.parse(readFileSync(at(folder, 'package.json'), 'utf8'));
  const file = readdirSync(at(folder)).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence text in ${folder}: it must not be bundled`);
  const text = readFileSync(at(folder, file), 'utf8').trim();
  return `## ${name} ${version} (${license})\n\n\`\`\`\n${text}\n\`\`\`\n`;
}
