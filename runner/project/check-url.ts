/** Addresses of CRMs. A token goes wherever the address says, so the address is checked before anything is sent. */

const ALLOWED: Readonly<Record<'salesforce' | 'hubspot', readonly string[]>> = {
  salesforce: ['salesforce.com', 'salesforce.mil', 'force.com', 'cloudforce.com', 'sfcrmproducts.cn'],
  hubspot: ['hubapi.com', 'hubspot.com'],
}

/** What is wrong with an address, in words; undefined when it may be used. Plain http is for loopback only. */
export function checkUrl(address: string, crm: 'salesforce' | 'hubspot'): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined) return 'is not a URL'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or a password'
  const host = url.hostname.toLowerCase()
  if (isLoopback(host)) {
    return url.protocol === 'http:' || url.protocol === 'https:' ? undefined : 'must start with https:// or http://'
  }
  if (url.protocol !== 'https:') return 'must start with https://; plain http is for 127.0.0.1 only'
  if (isIpLiteral(host)) return 'must name a host, not an IP address'
  const known = ALLOWED[crm].some((domain) => host === domain || host.endsWith(`.${domain}`))
  return known ? undefined : `is not an address of ${crm === 'salesforce' ? 'Salesforce' : 'HubSpot'}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** URL parsing has already turned 0x7f.1, 2130706433 and the like into dotted form. */
function isIpLiteral(host: string): boolean {
  return host.startsWith('[') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)
}
