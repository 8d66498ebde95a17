/** `build`: seeds and models. As with dbt, nothing leaves the warehouse. */
import type { ExitCode } from '../errors.ts'
import { buildInWarehouse } from './build-in-warehouse.ts'
import type { CommandContext } from './command.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  return buildInWarehouse(context, 'seeds and models')
}
