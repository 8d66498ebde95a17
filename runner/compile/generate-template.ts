import { type CompileFrame, Compiler, type TemplateNode } from './nunjucks-internals.ts'
import { CONSTANTS } from './template-names.ts'

/** Gives the number under which the generated code names a node's place. */
export type PlaceNode = (node: TemplateNode) => number

/**
 * JavaScript of a checked template. Only for trees that checkTemplate accepted: names are identifiers there.
 * nunjucks' generator prints names, literals and tests into the code without escaping, looks members up on prototypes
 * and loses positions; each of those places is replaced, so every read, call and print goes through sandbox-runtime.ts.
 */
export function generateTemplate(tree: TemplateNode, file: string, place: PlaceNode): string {
  const generator = new Generator(file, place)
  generator.compile(tree)
  return generator.getCode()
}

class Generator extends Compiler {
  private readonly place: PlaceNode
  private capturing = false

  constructor(file: string, place: PlaceNode) {
    super(file, true)
    this.place = place
  }

  assertType(): void {}

  private args(node: TemplateNode, frame: CompileFrame): void {
    this._compileAggregate(node, frame, '[', ']')
  }

  compileLiteral(node: TemplateNode): void {
    this._emit(JSON.stringify(node.value))
  }

  compileSymbol(node: TemplateNode, frame: CompileFrame): void {
    const name = String(node.value)
    const local = Object.hasOwn(CONSTANTS, name) ? String(CONSTANTS[name]) : frame.lookup(name)
    const quoted = JSON.stringify(name)
    this._emit(local || `runtime.name(runtime.soft(context, frame, ${quoted}), ${quoted}, ${this.place(node)})`)
  }

  compileLookupVal(node: TemplateNode, frame: CompileFrame): void {
    this.member('member', node, frame)
  }

  private member(lookup: 'member' | 'softMember', node: TemplateNode, frame: CompileFrame): void {
    if (!node.target || !node.val) return
    this._emit(`runtime.${lookup}((`)
    if (lookup === 'softMember') this.soft(node.target, frame)
    else this.compile(node.target, frame)
    this._emit('), (')
    this.compile(node.val, frame)
    this._emit(`), ${this.place(node.val)})`)
  }

  /** For `is defined` and `default`: the one way to ask whether something is there. */
  private soft(node: TemplateNode, frame: CompileFrame): void {
    const name = String(node.value)
    const missing = node.typename === 'Symbol' && !frame.lookup(name) && !Object.hasOwn(CONSTANTS, name)
    if (node.typename === 'LookupVal') this.member('softMember', node, frame)
    else if (missing) this._emit(`runtime.soft(context, frame, ${JSON.stringify(name)})`)
    else this.compile(node, frame)
  }

  compileFunCall(node: TemplateNode, frame: CompileFrame): void {
    if (!node.name || !node.args) return
    if (node.name.typename === 'LookupVal' && node.name.target && node.name.val) {
      this._emit('runtime.method([(')
      this.compile(node.name.target, frame)
      this._emit('), (')
      this.compile(node.name.val, frame)
      this._emit(`)], ${this.place(node.name.val)}, `)
    } else {
      this._emit('runtime.call((')
      this.compile(node.name, frame)
      this._emit(`), ${this.place(node.name)}, `)
    }
    this.args(node.args, frame)
    this._emit(')')
  }

  compileFilter(node: TemplateNode, frame: CompileFrame): void {
    const name = String(node.name?.value)
    const [first, ...rest] = node.args?.children ?? []
    if (!node.name || !first) return
    this._emit(`runtime.filter(${JSON.stringify(name)}, ${this.place(node.name)}, [`)
    if (name === 'default' || name === 'd') this.soft(first, frame)
    else this.compile(first, frame)
    for (const argument of rest) {
      this._emit(',')
      this.compile(argument, frame)
    }
    this._emit('])')
  }

  compileIs(node: TemplateNode, frame: CompileFrame): void {
    if (!node.left || !node.right) return
    const name = testName(node.right)
    this._emit(`runtime.test(${JSON.stringify(name)}, (`)
    if (name === 'defined' || name === 'undefined') this.soft(node.left, frame)
    else this.compile(node.left, frame)
    this._emit('), ')
    if (node.right.args) this.args(node.right.args, frame)
    else this._emit('[]')
    this._emit(')')
  }

  compileIn(node: TemplateNode, frame: CompileFrame): void {
    this.binary('contains', node, frame)
  }

  compileAdd(node: TemplateNode, frame: CompileFrame): void {
    this.binary('add', node, frame)
  }

  compileConcat(node: TemplateNode, frame: CompileFrame): void {
    if (!node.left || !node.right) return
    this._emit('runtime.text(runtime.print((')
    this.compile(node.left, frame)
    this._emit(`), ${this.place(node.left)}) + runtime.print((`)
    this.compile(node.right, frame)
    this._emit(`), ${this.place(node.right)}), ${this.place(node)})`)
  }

  private binary(operation: 'contains' | 'add', node: TemplateNode, frame: CompileFrame): void {
    if (!node.left || !node.right) return
    this._emit(`runtime.${operation}((`)
    this.compile(node.left, frame)
    this._emit('), (')
    this.compile(node.right, frame)
    this._emit(`), ${this.place(node.right)})`)
  }

  compileInlineIf(node: TemplateNode, frame: CompileFrame): void {
    if (!node.cond || !node.body) return
    this._emit('((')
    this.compile(node.cond, frame)
    this._emit(') ? (')
    this.compile(node.body, frame)
    this._emit(') : (')
    if (node.else_) this.compile(node.else_, frame)
    else this._emit('""')
    this._emit('))')
  }

  compileOutput(node: TemplateNode, frame: CompileFrame): void {
    for (const child of node.children ?? []) {
      const printsText = child.typename === 'TemplateData'
      if (printsText && child.value === '') continue
      if (this.buffer === 'output' && !this.capturing) {
        this._emitLine(`runtime.mark(output.length, ${this.place(printsText ? node : child)});`)
      }
      this._emit(`${this.buffer} += runtime.${printsText ? 'text' : 'print'}((`)
      this.compile(child, frame)
      this._emitLine(`), ${this.place(printsText ? node : child)});`)
    }
  }

  /** nunjucks names the buffer of a capture like the output's, and what is captured is no output yet. */
  override compileCapture(node: TemplateNode, frame: CompileFrame): void {
    const outer = this.capturing
    this.capturing = true
    super.compileCapture(node, frame)
    this.capturing = outer
  }

  compileDo(node: TemplateNode, frame: CompileFrame): void {
    if (!node.expr) return
    this._emit('void (')
    this.compile(node.expr, frame)
    this._emitLine(');')
  }

  /** The list is checked before the loop: nunjucks skips what it cannot loop over without a word. */
  override compileFor(node: TemplateNode, frame: CompileFrame): void {
    const { arr } = node
    if (!arr) return
    const names = node.name?.typename === 'Array' ? (node.name.children ?? []).length : 1
    const checked = { typename: 'Iterated', fields: [], arr, names } as unknown as TemplateNode
    super.compileFor(Object.assign(Object.create(node), { arr: checked }), frame)
  }

  compileIterated(node: TemplateNode & { names?: number }, frame: CompileFrame): void {
    if (!node.arr) return
    this._emit('runtime.iterate((')
    this.compile(node.arr, frame)
    this._emit(`), ${node.names ?? 1}, ${this.place(node.arr)})`)
  }

  override compileIf(node: TemplateNode, frame: CompileFrame): void {
    this._emitLine(`runtime.at(${this.place(node)});`)
    super.compileIf(node, frame)
  }

  override compileSet(node: TemplateNode, frame: CompileFrame): void {
    this._emitLine(`runtime.at(${this.place(node)});`)
    super.compileSet(node, frame)
  }
}

/** `x is none`, `x is divisibleby(3)`: a literal, a name or a call. */
export function testName(node: TemplateNode): string {
  if (node.name) return String(node.name.value)
  return node.value === null ? 'none' : String(node.value)
}
