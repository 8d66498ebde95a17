/**
 * Some crash points are reached when something has just been asked for. A process that dies in the same instant has not asked
 * yet; so these wait for what node itself tells about its sockets.
 */
import { channel } from 'node:diagnostics_channel'
import type { CrashPoint } from '../../runner/ports.ts'

/** fetch says when a whole body is out; http, which other clients use, when it hands the last of it to the socket. */
const bodySent = ['undici:request:bodySent', 'http.client.request.start']
const headersSent = ['undici:client:sendHeaders']

/** Long enough for a statement to be on its way, short enough to come before most answers. */
const statementMs = 2

/** Calls `act` at once, or at the moment at which what the point stands for is under way. */
export function whenUnderWay(point: CrashPoint, act: () => void): void {
  if (point === 'CP10') onFirst(bodySent, act)
  else if (point === 'CP18') onFirst(headersSent, act)
  else if (point === 'CP13') setTimeout(act, statementMs)
  else act()
}

function onFirst(channels: readonly string[], act: () => void): void {
  for (const name of channels) channel(name).subscribe(act)
}
