import type { ApiCall } from '../api-call.ts'
import { badRequest } from '../api-error.ts'

export interface MultipartJob {
  job: Record<string, unknown>
  content: Buffer
}

/** The parts `job` (JSON) and `content` (CSV) of a multipart body; undefined where the body is none. Throws ApiError 400. */
export function multipartJob(call: ApiCall): MultipartJob | undefined {
  const type = call.request.headers['content-type'] ?? ''
  if (!/^multipart\/form-data\b/i.test(type)) return undefined
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type)
  const parts = partsOf(call.request.body, boundary?.[1] ?? boundary?.[2] ?? '')
  const [job, content] = [parts.get('job'), parts.get('content')]
  if (job === undefined || content === undefined) {
    throw badRequest('INVALIDJOB', 'InvalidJob : a multipart request needs the parts job and content')
  }
  return { job: parsedJob(job), content }
}

function parsedJob(bytes: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'))
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed))
      return parsed as Record<string, unknown>
  } catch {
    // Falls through to the answer for anything that is no object.
  }
  throw badRequest('JSON_PARSER_ERROR', 'The part job is required to be a JSON object')
}

function partsOf(body: Buffer, boundary: string): Map<string, Buffer> {
  const parts = new Map<string, Buffer>()
  const mark = `--${boundary}`
  let at = boundary === '' ? -1 : body.indexOf(mark)
  while (at >= 0) {
    const start = at + mark.length
    const next = body.indexOf(`\n${mark}`, start)
    if (next < 0) break
    addPart(parts, body.subarray(start, body[next - 1] === 13 ? next - 1 : next))
    at = next + 1
  }
  return parts
}

function addPart(parts: Map<string, Buffer>, part: Buffer): void {
  const blank = /\r?\n\r?\n/.exec(part.toString('latin1', 0, Math.min(part.length, 4_096)))
  if (blank === null) return
  const head = part.toString('latin1', 0, blank.index)
  const name = /name="([^"]*)"/i.exec(head)?.[1]
  if (name !== undefined) parts.set(name, part.subarray(blank.index + blank[0].length))
}
