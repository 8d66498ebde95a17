/** Codes of loading: files, targets, connections, environment, command line. Title, meaning, what to do. */
import type { CodeTexts } from '../explain-code.ts'

export const configurationCodes: CodeTexts = {
  'E-CFG-NOPROJECT': [
    'There is no project here',
    'No project.yml was found in this folder or in one above it.',
    'Run `backfeed init`, change into the project, or pass --project-dir.',
  ],
  'E-CFG-YAML': [
    'The file is not valid YAML',
    'The file could not be read as one YAML 1.2 document. Tabs cannot indent, tags are not used, and an alias needs its anchor before it.',
    'Correct the place that is shown; after the first break the rest of the file is not judged.',
  ],
  'E-CFG-DUPKEY': [
    'A key is given twice',
    'YAML tools differ in which of two equal keys wins, so neither is taken.',
    'Remove one of the two.',
  ],
  'E-CFG-UNKNOWN': [
    'Unknown key',
    'The key is not part of this file format. Nothing is ignored quietly, because a mistyped guard would then be no guard.',
    'Correct the spelling or remove the key.',
  ],
  'E-CFG-TYPE': [
    'Wrong type of value',
    'The value is text where a number is wanted, a mapping where a list is wanted, or the like.',
    'Write the value as the message says; put text that looks like a number in quotes.',
  ],
  'E-CFG-VALUE': [
    'Value not accepted',
    'The value has the right type but is none of those the key takes.',
    'Choose one of the values that are listed.',
  ],
  'E-CFG-MISSING': [
    'A required key is missing',
    'The entry cannot work without this key, and there is no safe default for it.',
    'Add the key, or give it once under `defaults:`.',
  ],
  'E-CFG-NOTYET': [
    'Part of the format, not built yet',
    'The key or value is documented, but this version does nothing with it. It is refused so that nobody relies on something that does not happen.',
    'Remove it, or use what the message lists as supported.',
  ],
  'E-CFG-UNSUPPORTED': [
    'Setting not supported',
    'The connection or the sync asks for something that this CRM or this version does not have.',
    'Use what the message names as supported, or remove the setting.',
  ],
  'E-CFG-TOOBIG': [
    'The file is too large',
    'Project files are limited to 1 MB and to a sane size once aliases are expanded, so that a file cannot exhaust the machine.',
    'Split the file; keep data in seeds or in the warehouse.',
  ],
  'E-CFG-DUPNAME': [
    'A name is used twice',
    'Two models, seeds, syncs, rules or columns have one name, and references to it would be ambiguous.',
    'Rename one of the two; the message says where the other is.',
  ],
  'E-CFG-NAME': [
    'A name cannot be used',
    'Names become identifiers in SQL and in file names, so they are limited to plain characters.',
    'Use a–z, 0–9 and _; the message says what the kind of name allows.',
  ],
  'E-CFG-REF': [
    'Something named does not exist',
    'A connection, sync, model or seed is named that the project does not have.',
    'Correct the name, or add what is missing.',
  ],
  'E-CFG-CYCLE': [
    'Syncs wait for each other',
    'The `depends_on` of these syncs form a circle, so none of them could start.',
    'Remove one of the `depends_on` of the circle.',
  ],
  'E-CFG-RULE': [
    'A rule is incomplete or contradicts itself',
    'A validation rule lacks what it needs, has something it does not take, or could never pass.',
    'Give the rule its column and its arguments: `- {column: score, rule: between, min: 0, max: 100}`.',
  ],
  'E-CFG-SECRET': [
    'A secret is written in a file',
    'The value has the shape of a token or a private key. Project files are read by many people and kept in version control for ever.',
    "Put it into the environment and write `{{ env_var('NAME') }}`; replace the token, since it has been written down.",
  ],
  'E-CFG-TEMPLATE': [
    'Template code where nothing renders it',
    'Curly braces work in SQL models, and env_var() in targets, connections and vars of project.yml. Elsewhere the text would be taken literally.',
    'Move the value to a place that is rendered.',
  ],
  'E-CFG-AUTH': [
    'The login of a connection is not possible',
    'The settings ask for user name and password, mix two kinds of login, or hold credentials that would not be used.',
    'Keep the settings of one kind of login: for Salesforce `jwt_bearer`, `client_credentials`, `refresh_token` or an access token.',
  ],
  'E-CFG-KEY': [
    'The private key cannot be used',
    'The JWT login signs with an RSA private key in PEM form without a passphrase. What was given is something else, or cannot be read; it is never shown.',
    'Give the key whose certificate the app in Salesforce holds, as a file or with its line ends in the variable.',
  ],
  'E-CFG-ENCODING': [
    'The file is not UTF-8',
    'The file holds bytes that are no UTF-8 text. A byte order mark and Windows line ends are accepted.',
    'Save the file as UTF-8.',
  ],
  'E-CFG-PATH': [
    'A path is missing or leads outside the project',
    'Every file must lie inside the project folder, also after following links, and a folder that project.yml names must exist.',
    'Correct the path, or create the folder.',
  ],
  'E-CFG-VERSION': [
    'The project needs another version of Backfeed',
    '`require-backfeed-version` of project.yml does not allow the version that runs.',
    'Install a version of that range, or widen the range.',
  ],
  'E-CFG-EXISTS': ['There is a project already', '`backfeed init` never overwrites files.', 'Choose an empty folder.'],
  'W-CFG-AMBIGUOUS': [
    'A word other YAML tools read differently',
    'Older YAML tools read `yes`, `no`, `on`, `012` or `12:30` as booleans or numbers. Here YAML 1.2 applies.',
    'Write true or false, or put the text in quotes.',
  ],
  'W-CFG-UNUSED': [
    'Defaults that apply to nothing',
    'A folder named under `models:`, `seeds:` or `syncs:` of project.yml holds no resource.',
    'Correct the name of the folder, or remove the entry.',
  ],
  'E-ENV-MISSING': [
    'An environment variable is not set',
    'The target in use needs the variable. Variables of other targets need not be there.',
    'Export the variable, or give a default in env_var().',
  ],
  'E-ENV-EMPTY': [
    'An environment variable is empty or quoted',
    'The variable is set, but to nothing, to white space, or to a value with quotes around it: mostly a broken export.',
    'Set it to the bare value, or unset it if the default is meant.',
  ],
  'E-ENV-NODE': [
    'Node.js is too old',
    'This version of Backfeed needs a newer Node.js.',
    'Install Node.js 20.19 or later.',
  ],
  'E-TGT-UNKNOWN': [
    'Unknown target',
    'The target is not under `targets:` of project.yml.',
    'Choose one of the targets that are listed.',
  ],
  'E-TGT-HOST': [
    'An address is not allowed',
    'A token is sent wherever the address says. Addresses must use https, name a host of the CRM, and hold no credentials; plain http is for 127.0.0.1.',
    'Write the address of the CRM, for example https://<your domain>.my.salesforce.com.',
  ],
  'E-TGT-ORG': [
    'The login landed in another CRM account',
    '`expect:` pins the organisation or portal, and the credentials lead elsewhere. Nothing was read or written there.',
    'Use the right credentials, or correct `expect:`.',
  ],
  'E-TGT-PROTECTED': [
    'The target is protected',
    'The target says `protect: true`: a command that writes to a CRM must name it with --target on the command line, and takes a saved plan or --auto-approve. Nothing was sent.',
    'Make a plan with `backfeed plan --target NAME --out plan.json`, then `backfeed apply plan.json --target NAME`.',
  ],
  'E-TGT-UNREACHABLE': [
    'The target may not reach this CRM',
    'The connection does not list the target in use. What is not listed is unreachable, so that a test cannot write to production.',
    'Add the target under `targets:` of the connection, or choose another target.',
  ],
  'E-CLI-OPTION': [
    'The command line is not understood',
    'An option or verb is unknown, has no value, or contradicts another.',
    'See `backfeed --help`, or `backfeed <verb> --help`.',
  ],
  'E-CLI-SELECT': [
    'The selection is empty',
    'A selector matches nothing, or --exclude takes everything away.',
    'List what there is with `backfeed ls`.',
  ],
  'E-CLI-NOTYET': [
    'The verb is not built yet',
    'The command is documented but does not exist in this version.',
    'See the table in the README for what works today.',
  ],
  'E-INTERNAL': [
    'A bug in Backfeed',
    'Something that must always hold did not. The run stopped rather than go on.',
    'Report it with the output of the same command and --debug.',
  ],
}
