import { spawn } from 'node:child_process'

export interface Command {
  cwd: string
  env: NodeJS.ProcessEnv
  timeoutMs: number
}

export interface CommandResult {
  /** undefined: killed, because it took too long. */
  code: number | undefined
  stdout: string
  stderr: string
}

const running = new Set<number>()
process.once('exit', () => running.forEach(endGroup))

/** Runs a program to its end. Rejects if it cannot be started. In time or killed, with the children it started. */
export function runCommand(program: string, args: readonly string[], command: Command): Promise<CommandResult> {
  const { cwd, env, timeoutMs } = command
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let stdout = ''
  let stderr = ''
  let late = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const timer = setTimeout(() => {
    late = true
    endGroup(child.pid)
  }, timeoutMs)
  if (child.pid !== undefined) running.add(child.pid)
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      if (child.pid !== undefined) running.delete(child.pid)
      resolve({ code: late ? undefined : (code ?? 1), stdout, stderr })
    })
  })
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself in the meantime.
  }
}
