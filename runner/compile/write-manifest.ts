import { resolve } from 'node:path'
import { buildManifest, type ManifestRequest } from './manifest.ts'
import { writeArtifact } from './write-compiled.ts'

/** Writes target/manifest.json. Throws E-CFG-PATH when the folder cannot be written. Returns the path of the file. */
export async function writeManifest(request: ManifestRequest): Promise<string> {
  const folder = resolve(request.project.dir, request.project.paths.target)
  await writeArtifact(folder, { path: 'manifest.json', text: `${JSON.stringify(buildManifest(request), null, 2)}\n` })
  return resolve(folder, 'manifest.json')
}
