/** `backfeed completion <shell>`: a script for the shell. The words themselves come from candidates(), see complete.ts. */
import { ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'

/** The scripts call `backfeed __complete <words…>`, which prints one candidate per line, with a tab and its meaning. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# backfeed completion for bash: backfeed completion bash >> ~/.bashrc
_backfeed() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(backfeed __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _backfeed backfeed`,
  zsh: `#compdef backfeed
# backfeed completion for zsh: backfeed completion zsh > "\${fpath[1]}/_backfeed"
_backfeed() {
  local -a candidates
  local line
  while IFS= read -r line; do
    candidates+=("\${\${line//:/\\\\:}/$'\\t'/:}")
  done < <(backfeed __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe backfeed candidates || _files
}
compdef _backfeed backfeed`,
  fish: `# backfeed completion for fish: backfeed completion fish > ~/.config/fish/completions/backfeed.fish
function __backfeed_complete
    set -l words (commandline -opc)
    backfeed __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c backfeed -f -a '(__backfeed_complete)'`,
}

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  context.console.print(SCRIPTS[context.args.required('shell')] ?? '')
  return ExitCode.ok
}
