import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor, escapeData, escapeLines, registerEnvironment } from '../../../runner/redact.ts'

const SECRET = 's3cr3t/+ü"\\ token&x'

describe('redacting', () => {
  test.each([
    ['as it is', SECRET],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a form', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['in JSON', JSON.stringify({ a: SECRET })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: SECRET }))],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
  ])('a registered secret is replaced %s', (_, text) => {
    const redactor = createRedactor()
    redactor.register(SECRET)
    const shown = redactor.text(`before ${text} after`)
    expect(shown).toContain('[redacted]')
    expect(shown).not.toContain(text)
    expect(shown).toMatch(/^before .* after$/s)
  })

  test('basic authorisation of any user hides the password, whatever the alignment', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (user, tail) => {
        const redactor = createRedactor()
        redactor.register('correct horse battery')
        const encoded = Buffer.from(`${user}:correct horse battery${tail}`).toString('base64')
        expect(redactor.text(encoded)).toContain('[redacted]')
      }),
    )
  })

  test('lines of a private key are hidden one by one', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n'
    const redactor = createRedactor()
    redactor.register(key)
    expect(redactor.text('bad line MIIEvQIBADANBgkqhkiG9w0BAQEFAASC here')).toBe('bad line [redacted] here')
  })

  test('a secret that contains another leaves no tail behind', () => {
    const redactor = createRedactor()
    redactor.register('abcd1234')
    redactor.register('abcd1234-and-more')
    expect(redactor.text('x abcd1234-and-more y')).toBe('x [redacted] y')
  })

  test('very short values are left alone: they would blank half of every line', () => {
    const redactor = createRedactor()
    redactor.register('a')
    expect(redactor.text('a banana')).toBe('a banana')
  })

  test('variables named like secrets are registered, names of files are not', () => {
    const redactor = createRedactor()
    registerEnvironment(redactor, {
      BACKFEED_ENV_SECRET_TOKEN: 'pat-na1-0000',
      PGPASSWORD: 'hunter22',
      SF_PRIVATE_KEY_FILE: '/home/x/key.pem',
      HOME: '/home/someone',
    })
    expect(redactor.text('pat-na1-0000 hunter22 /home/x/key.pem /home/someone')).toBe(
      '[redacted] [redacted] /home/x/key.pem /home/someone',
    )
  })
})

describe('escaping data', () => {
  test.each([
    ['\r\n12:00:00  OK forged', '\\r\\n12:00:00  OK forged'],
    ['\u001b[2J\u001b[31mred', '\\u001b[2J\\u001b[31mred'],
    ['a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['a\u2066b\u200bc\ufeff', 'a\\u2066b\\u200bc\\ufeff'],
    ['nul\0 del\u007f csi\u009b', 'nul\\u0000 del\\u007f csi\\u009b'],
    ['Zürich 東京 👍', 'Zürich 東京 👍'],
  ])('%j becomes visible', (data, shown) => {
    expect(escapeData(data)).toBe(shown)
  })

  test('lines of our own stay lines', () => {
    expect(escapeLines('one\ntwo\u001b[1m')).toBe('one\ntwo\\u001b[1m')
  })
})
