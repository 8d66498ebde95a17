import { expect, test } from 'vitest'
import { redactMessage, sentCells } from '../../../runner/destination/redact-message.ts'

const VALUE = 'Secret-Value 77'

const VENDOR_MESSAGES: readonly [string, string][] = [
  [`Duplicate external id specified: ${VALUE}`, 'Duplicate external id specified: …'],
  [`bad value for restricted picklist field: ${VALUE}`, 'bad value for restricted picklist field: …'],
  [`Email: invalid email address: ${VALUE}`, 'Email: invalid email address: …'],
  [`Name: data value too large: ${VALUE} (max length=255)`, 'Name: data value too large: … (max length=255)'],
  [
    `Foreign key external ID: ${VALUE} not found for field Customer_Id__c in entity Account`,
    'Foreign key external ID: … not found for field Customer_Id__c in entity Account',
  ],
  [`Email address ${VALUE} is invalid`, 'Email address … is invalid'],
  [`"${VALUE}" was not a valid long.`, '… was not a valid long.'],
  [
    'Duplicate IDs found in batch input: [123, 456]. IDs must be unique',
    'Duplicate IDs found in batch input: …. IDs must be unique',
  ],
  ["Contact already exists. Existing ID: '901234'", "Contact already exists. Existing ID: '…'"],
]

test.each(VENDOR_MESSAGES)('without knowing what was sent: %s', (message, expected) => {
  expect(redactMessage(message)).toBe(expected)
})

test('every value that was sent disappears, whatever the sentence around it and its case', () => {
  const fragment = JSON.stringify({
    attributes: { type: 'Account' },
    Email: 'Ada@Example.com',
    Name: 'Zürich & Co (old)',
    Score__c: 77,
    Notes__c: 'line one\nline two',
  })
  const sent = sentCells([fragment])
  const message = 'Could not save ada@example.com of zürich & co (OLD), score 77, line one line two, for Account'
  const cleaned = redactMessage(message, sent)
  for (const value of ['ada', 'example', 'rich', '77', 'line one', 'line two'])
    expect(cleaned.toLowerCase()).not.toContain(value)
})

test('a value is found in the spellings in which it travels too', () => {
  const value = 'Zürich "old" & co/1?'
  const escaped = JSON.stringify(value).slice(1, -1)
  const spelled = [
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll('%20', '+'),
    Buffer.from(value).toString('base64'),
  ]
  for (const each of spelled)
    expect(redactMessage(`no: ${each} here`, sentCells([JSON.stringify({ Name: value })]))).toMatch(
      /^no: ….{0,2} here$/,
    )
})

test('a short value does not eat parts of other words', () => {
  expect(redactMessage('score 1 exceeds 100 at plan 1', sentCells(['{"score":1}']))).toBe(
    'score … exceeds 100 at plan …',
  )
})

test('names of fields stay, so that the message is of use', () => {
  const sent = sentCells(['{"properties":{"plan":"gold"}}'])
  expect(redactMessage('Property "plan" has no option "gold"', sent)).toBe('Property "plan" has no option "…"')
})

test('addresses and long numbers never pass, known or not', () => {
  expect(redactMessage('x ada.l+1@mail.example.co.uk y 4111 1111222233334444 z')).toBe('x … y 4111 … z')
})

test('long messages are cut', () => {
  expect(redactMessage('word '.repeat(200)).length).toBeLessThanOrEqual(300)
})

test('a fragment that does not parse is no reason to fail while reporting a failure', () => {
  expect(sentCells(['{not json'])).toEqual({ names: new Set(), values: [] })
})
