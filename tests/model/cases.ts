/** What is checked: the protocol under four assumptions, and what breaks when a mechanism is taken away. */
import { type Bounds, keyed, type Protocol, unbounded, unkeyed } from './protocol.ts'

export interface Case {
  name: string
  what: string
  protocol: Protocol
  /** Property that must break; absent: all hold. */
  breaks?: RegExp
  /** Where more must happen than in the usual bounds for the mutant to show. */
  bounds?: Partial<Bounds>
}

export const smallBounds: Bounds = { runs: 3, crashes: 1, timeouts: 1, warehouseFaults: 1, changes: 1 }
export const largeBounds: Bounds = { runs: 3, crashes: 2, timeouts: 2, warehouseFaults: 1, changes: 1 }
/** A mutant shows in few events; what it needs beyond these it says itself. */
export const mutantBounds: Bounds = { runs: 3, crashes: 1, timeouts: 1, warehouseFaults: 0, changes: 0 }
const oneChange = { changes: 1 }

export const variants: readonly Case[] = [
  { name: 'P0', what: 'the protocol, creates without a unique key', protocol: unkeyed },
  { name: 'P1', what: 'the protocol, unique key', protocol: keyed },
]

const fenced: Protocol = { ...unbounded, fenceField: true }
const repaired: Protocol = { ...unbounded, driftCheck: true, regressionAllowed: true }

export const longVariants: readonly Case[] = [
  {
    name: 'P2',
    what: 'unbounded pauses, unique key, fence field, drift check',
    protocol: { ...fenced, driftCheck: true },
  },
  { name: 'P2b', what: 'the same without drift check', protocol: fenced },
  { name: 'P3', what: 'unbounded pauses, unique key, drift check: convergence only', protocol: repaired },
]

const duplicate = /^P-DUP/
const regression = /^P-REG/
const lost = /^P-CONV/

/** Taken from the list of the protocol (A22). */
export const mutants: readonly Case[] = [
  { name: 'M0a', what: 'a stale runner closes runs of newer epochs', protocol: { ...unkeyed, closesOnlyOlder: false, foldsUnderLease: false }, breaks: duplicate },
  { name: 'M0b', what: 'fence token per run, where a run plans twice', protocol: { ...fenced, plansTwice: true, fencePerAttempt: false }, breaks: regression, bounds: oneChange },
  { name: 'M1', what: 'no lease', protocol: { ...unkeyed, lease: false }, breaks: duplicate },
  { name: 'M4', what: 'no look at the lease before sending', protocol: { ...unkeyed, checkBeforeSend: false }, breaks: duplicate },
  { name: 'M5', what: 'no intent', protocol: { ...unkeyed, intent: false }, breaks: duplicate },
  { name: 'M6', what: 'orphans count as not sent', protocol: { ...unkeyed, orphansAreUnknown: false }, breaks: duplicate },
  { name: 'M6b', what: 'the same with a unique key', protocol: { ...keyed, orphansAreUnknown: false }, breaks: regression, bounds: oneChange },
  { name: 'M7', what: 'no answer counts as failure and is repeated', protocol: { ...unkeyed, timeoutIsUnknown: false }, breaks: duplicate },
  { name: 'M7b', what: 'the same with a unique key', protocol: { ...keyed, timeoutIsUnknown: false }, breaks: regression, bounds: { changes: 1, crashes: 0 } },
  { name: 'M8', what: 'acknowledged before the call', protocol: { ...unkeyed, resultAfterAnswer: false }, breaks: lost, bounds: oneChange },
  { name: 'M9', what: 'compared with what was planned last', protocol: { ...unkeyed, diffsAgainstAcknowledged: false }, breaks: lost, bounds: oneChange },
  { name: 'M10', what: 'read back without settling', protocol: { ...unkeyed, settles: false }, breaks: duplicate },
  { name: 'M11', what: 'unbounded pauses, no fence', protocol: unbounded, breaks: regression, bounds: oneChange },
  { name: 'M11c', what: 'unbounded pauses, convergence without drift check', protocol: { ...repaired, driftCheck: false }, breaks: lost, bounds: { changes: 1, crashes: 0 } },
  { name: 'M12', what: 'unbounded pauses, drift check only: it repairs, it does not prevent', protocol: { ...unbounded, driftCheck: true }, breaks: regression, bounds: oneChange },
  { name: 'M13', what: 'lease looked at before the intent is durable', protocol: { ...unkeyed, checkAfterIntent: false }, breaks: duplicate },
  { name: 'M14', what: 'a search may miss a new record', protocol: { ...unkeyed, searchLags: true }, breaks: duplicate },
  { name: 'M14b', what: 'the same with a unique key', protocol: { ...keyed, searchLags: true } },
] // biome-ignore format: a table

/** Mistakes that this code base could make, or has made. */
export const ownMutants: readonly Case[] = [
  { name: 'N1', what: 'the fold and the proof of the lease are two writes', protocol: { ...unkeyed, foldsUnderLease: false }, breaks: lost, bounds: { changes: 2, crashes: 0, timeouts: 0 } },
  { name: 'N2', what: 'an unknown row is adopted by any live value that fits', protocol: { ...unkeyed, adoptsOnlyWhatWasSent: false }, breaks: lost, bounds: { changes: 2, crashes: 0 } },
  { name: 'N3', what: 'recovery closes a run before its verdicts are durable', protocol: { ...unkeyed, verdictsBeforeClosing: false }, breaks: duplicate },
  { name: 'N4', what: 'requests carry whatever stands in the shared table of changes', protocol: { ...unkeyed, sendsOwnPlan: false }, breaks: lost, bounds: { changes: 1, crashes: 0 } },
  { name: 'N5', what: 'an unknown row is planned like any other', protocol: { ...unkeyed, unknownBlocks: false }, breaks: duplicate },
] // biome-ignore format: a table
