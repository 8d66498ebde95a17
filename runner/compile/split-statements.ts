/** Macros that need several statements separate them by a line that is exactly `--;;`; a `;` may stand inside a text. */
export function splitStatements(text: string): string[] {
  return text
    .split(/^--;;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}
