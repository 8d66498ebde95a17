import { describe, expect, it } from 'vitest'
import { checkUrl } from '../../../runner/project/check-url.ts'

describe('addresses a token may go to', () => {
  it.each([
    ['salesforce', 'https://acme.my.salesforce.com'],
    ['salesforce', 'https://acme--dev.sandbox.my.salesforce.com/'],
    ['salesforce', 'https://login.salesforce.com'],
    ['salesforce', 'https://acme.my.salesforce.mil'],
    ['salesforce', 'HTTPS://ACME.MY.SALESFORCE.COM'],
    ['salesforce', 'http://127.0.0.1:4010'],
    ['salesforce', 'http://localhost:4010'],
    ['salesforce', 'http://[::1]:4010'],
    ['hubspot', 'https://api.hubapi.com'],
    ['hubspot', 'https://api-eu1.hubapi.com'],
    ['hubspot', 'http://127.0.0.1:4010'],
  ] as const)('%s %s', (crm, address) => {
    expect(checkUrl(address, crm)).toBeUndefined()
  })

  it.each([
    ['http://acme.my.salesforce.com', /https/],
    ['ftp://acme.my.salesforce.com', /https/],
    ['file:///etc/passwd', /https/],
    ['javascript:alert(1)', /https/],
    ['ftp://127.0.0.1', /https/],
    ['acme.my.salesforce.com', /not a URL/],
    ['', /not a URL/],
    ['https://', /not a URL/],
    ['https://user@acme.my.salesforce.com', /user name/],
    ['https://user:pw@127.0.0.1', /user name/],
    ['https://acme.my.salesforce.com@evil.example', /user name/],
    ['https://acme.my.salesforce.com.evil.example', /not an address/],
    ['https://evilsalesforce.com', /not an address/],
    ['https://salesforce.com.evil.example/salesforce.com', /not an address/],
    ['https://evil.example#.salesforce.com', /not an address/],
    ['https://evil.example?.salesforce.com', /not an address/],
    ['https://evil.example\\.salesforce.com', /not an address/],
    ['https://аcme.my.sаlesforce.com', /not an address/],
    ['https://api.hubapi.com', /not an address/],
    ['https://localhost.evil.example', /not an address/],
    ['https://127.0.0.1.evil.example', /not an address/],
    ['https://169.254.169.254/latest', /IP address/],
    ['http://10.0.0.1', /https/],
    ['https://10.0.0.1', /IP address/],
    ['https://0x0a000001', /IP address/],
    ['https://167772161', /IP address/],
    ['https://012.0.0.1', /IP address/],
    ['https://[fd00::1]', /IP address/],
    ['https://[::ffff:10.0.0.1]', /IP address/],
    ['https://0.0.0.0', /IP address/],
  ])('refuses %s', (address, why) => {
    expect(checkUrl(address, 'salesforce')).toMatch(why)
  })

  it('keeps the CRMs apart', () => {
    expect(checkUrl('https://acme.my.salesforce.com', 'hubspot')).toMatch(/not an address of HubSpot/)
  })
})
