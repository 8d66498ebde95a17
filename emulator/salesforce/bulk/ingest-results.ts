import { BodyPieces } from '../../core/body-pieces.ts'
import { LINE_ENDINGS } from './csv-format.ts'
import type { IngestJob } from './ingest-job.ts'
import { resultHeader } from './report-chunk.ts'

export const RESULT_FILES = ['successfulresults', 'failedresults', 'unprocessedrecords'] as const
export type ResultFile = (typeof RESULT_FILES)[number]

export function ingestResult(job: IngestJob, file: ResultFile): BodyPieces {
  switch (file) {
    case 'successfulresults':
      return withHeader(resultHeader(job, 'sf__Created'), job.successes)
    case 'failedresults':
      return withHeader(resultHeader(job, 'sf__Error'), job.failures)
    case 'unprocessedrecords':
      return unprocessed(job)
  }
}

function withHeader(header: string, rows: BodyPieces): BodyPieces {
  const body = new BodyPieces(rows.contentType)
  body.append(header)
  for (const piece of rows.pieces) body.appendBytes(piece)
  return body
}

/** Rows as they were uploaded, byte for byte; nothing of a job that was never opened up is left out. */
function unprocessed(job: IngestJob): BodyPieces {
  const body = new BodyPieces(job.successes.contentType)
  const { upload, index } = job
  if (index === undefined) {
    if (upload !== undefined) body.appendBytes(upload)
    return body
  }
  if (job.header !== '') body.append(`${job.header}${LINE_ENDINGS[job.format.lineEnding]}`)
  if (upload === undefined) return body
  for (const [chunk, start] of index.chunkStarts.entries()) {
    if (job.chunksDone[chunk] === 1 || job.chunksLost[chunk] === 1) continue
    body.appendBytes(upload.subarray(start, index.chunkStarts[chunk + 1] ?? upload.length))
  }
  return body
}
