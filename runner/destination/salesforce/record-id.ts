const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** 15 characters, or 18 whose last three say which of the others are capitals. */
export function isRecordId(text: string): boolean {
  if (/^[a-zA-Z0-9]{15}$/.test(text)) return true
  return /^[a-zA-Z0-9]{18}$/.test(text) && text.slice(15) === recordIdSuffix(text)
}

/** One character for each five of the id: bit n is set where character n is a capital. */
export function recordIdSuffix(id: string): string {
  return [0, 5, 10]
    .map((start) => {
      const five = [...id.slice(start, start + 5)]
      return SUFFIX[five.reduce((bits, letter, n) => bits + (/[A-Z]/.test(letter) ? 2 ** n : 0), 0)]
    })
    .join('')
}
