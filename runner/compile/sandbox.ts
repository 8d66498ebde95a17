/**
 * The place where templates run: a vm context of its own, without code generation from strings, with a deadline.
 * vm alone is no boundary. It is the second wall: the first is that generated code reaches values only through
 * sandbox-runtime.ts, and the third is that no object or function of the host ever enters the context, only text.
 * Whoever renders templates of people they do not trust also needs isolation by the operating system.
 */
import vm from 'node:vm'
import { BackfeedError } from '../errors.ts'
import { slimRuntimeText } from './nunjucks-internals.ts'
import type { SandboxReply, SandboxRequest } from './sandbox-builtins.ts'
import * as builtins from './sandbox-builtins.ts'
import * as filters from './sandbox-filters.ts'
import * as runtime from './sandbox-runtime.ts'

export interface SandboxLimits {
  timeoutMs: number
  outputCharacters: number
}

export const DEFAULT_LIMITS: SandboxLimits = { timeoutMs: 2000, outputCharacters: 5_000_000 }

export interface Sandbox {
  /** Register the code of one compiled template under a number. */
  define(id: number, code: string, projectMacros: boolean): void
  /** Say what `sql` and the namespaces consist of; the files were loaded before. */
  bind(layout: { namespaces: Record<string, Record<string, number>>; project: Record<string, number> }): void
  /** Throws E-TPL-TIMEOUT when the deadline passes; every other failure is a reply. */
  handle(request: SandboxRequest): SandboxReply
  /** Evaluate JavaScript inside, for tests of the walls. The result must be text. */
  evaluate(code: string): unknown
}

export function createSandbox(limits: SandboxLimits): Sandbox {
  // A host object, but without a prototype: inside, `this.constructor` is the context's own.
  const global: { input?: string } = Object.create(null)
  const context = vm.createContext(global, {
    name: 'backfeed templates',
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: 'afterEvaluate',
  })
  slimScript().runInContext(context)
  runtimeScript(limits).runInContext(context)
  const run = (script: vm.Script, input: string): unknown => {
    global.input = input
    return withDeadline(limits.timeoutMs, (timeout) => script.runInContext(context, { timeout }))
  }
  return {
    define: (id, code, projectMacros) => {
      new vm.Script(`defineTemplate(${id}, ${projectMacros}, function (Object, Math) {\n${code}\n})`, {
        filename: `template-${id}`,
      }).runInContext(context)
    },
    bind: (layout) => void run(BIND, JSON.stringify(layout)),
    handle: (request) => reply(() => run(HANDLE, JSON.stringify(request))),
    evaluate: (code) => new vm.Script(code).runInContext(context, { timeout: limits.timeoutMs }),
  }
}

const BIND = new vm.Script('bindMacros(input)')
const HANDLE = new vm.Script('handleRequest(input)')

/** The deadline is wall time. On a machine too busy to run us at all, a template that had no turn gets another. */
function withDeadline(timeoutMs: number, run: (timeoutMs: number) => unknown, turns = 3): unknown {
  const before = process.cpuUsage()
  try {
    return run(timeoutMs)
  } catch (error) {
    const { user, system } = process.cpuUsage(before)
    const starved = (user + system) / 1000 < timeoutMs / 2
    if (!isTimeout(error) || !starved || turns === 1) throw error
    return withDeadline(timeoutMs, run, turns - 1)
  }
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

function reply(run: () => unknown): SandboxReply {
  try {
    return JSON.parse(String(run())) as SandboxReply
  } catch (error) {
    if (!isTimeout(error)) throw error
    throw new BackfeedError({ code: 'E-TPL-TIMEOUT', message: 'the template does not end' }, { cause: error })
  }
}

let slim: vm.Script | undefined

/** Parsed once per process; every environment runs it in its own context. */
function slimScript(): vm.Script {
  slim ??= new vm.Script(`globalThis.window = globalThis;\n${slimRuntimeText()}\n;delete globalThis.window;`, {
    filename: 'nunjucks-slim.js',
  })
  return slim
}

/** Functions of the three modules as text. A bundler that renames functions would break this; a test evaluates it. */
function runtimeScript(limits: SandboxLimits): vm.Script {
  const functions = [...Object.values(runtime), ...Object.values(filters), ...Object.values(builtins)]
  const numbers = { output: limits.outputCharacters, work: limits.outputCharacters * 10, depth: 200, list: 100_000 }
  return new vm.Script(runtimeText(functions, JSON.stringify(numbers)), { filename: 'sandbox-runtime' })
}

/**
 * Everything lives in one closure, with the built-ins it uses as locals: a lookup in a vm context's global scope goes
 * through the host and costs a hundred times more than one in a closure.
 */
function runtimeText(functions: readonly unknown[], limits: string): string {
  return `'use strict';
(function () {
const { Object, Array, String, Number, Boolean, Math, JSON, Error, Map, Set, WeakMap, WeakSet } = globalThis;
const slim = globalThis.nunjucks;
const __name = (f) => f;
const state = {
  faults: new WeakSet(), callables: new WeakSet(), strict: new WeakMap(), keywords: new WeakSet(),
  templates: new Map(), files: new Map(),
  namespaces: Object.create(null), projectMacros: Object.create(null), names: Object.create(null),
  answers: { refs: {}, vars: {}, env: {} }, used: { refs: [], config: {}, configPosition: 0, logs: [], marks: [] },
  position: 0, calls: [], written: 0, limits: ${limits},
};
${functions.map(String).join('\n')}
state.builtins = builtins();
const templateRuntime = {
  Frame: slim.runtime.Frame, isArray: Array.isArray, keys: Object.keys, fromIterator: (list) => list,
  SafeString: function (text) { return Object(text); }, handleError: (error) => error,
  makeMacro, makeKeywordArgs: makeKeywords,
  name: lookupName, soft: lookupSoftly, member: lookupMember, softMember: memberSoftly,
  call: callFunction, method: callMember, filter: applyFilter, test: runTest, print: printed, text: counted, add: added,
  contains, iterate: iterated, at: (position) => { state.position = position; },
  mark: (length, position) => { state.used.marks.push(length, position); },
};
const entries = { handleRequest, bindMacros, defineTemplate: (id, own, factory) => defineTemplate(id, own, () => factory(Object, Math)) };
for (const name of Object.keys(entries)) Object.defineProperty(globalThis, name, { value: entries[name] });
for (const name of ${JSON.stringify(REMOVED_GLOBALS)}) delete globalThis[name];
for (const own of [Object, Array, String, Number, Boolean, Error, WeakSet, WeakMap, Map, Set, (function () {}).constructor]) {
  Object.freeze(own.prototype);
}
})();`
}

const REMOVED_GLOBALS = [
  'nunjucks',
  'eval',
  'Function',
  'WebAssembly',
  'Atomics',
  'SharedArrayBuffer',
  'Promise',
  'Proxy',
  'Reflect',
  'console',
]
