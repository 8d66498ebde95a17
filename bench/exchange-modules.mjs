// Module hooks: the command line as it is built, with some of its modules exchanged for others of this folder. The exchanged ones
// see the originals. The shipped command line has no option, variable or file that could do this.

const bench = new URL('./', import.meta.url).href
let exchanged = {}

export function initialize(data) {
  exchanged = data
}

export function resolve(specifier, context, next) {
  const name = Object.keys(exchanged).find((end) => specifier.endsWith(`/${end}`))
  const isOurs = context.parentURL?.startsWith(bench)
  if (name === undefined || isOurs) return next(specifier, context)
  return { url: new URL(exchanged[name], bench).href, shortCircuit: true }
}
