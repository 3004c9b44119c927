import { Command, Option } from 'commander'
import { learner, tier } from '../../src-preload/contract/collect.ts'
import {
  collectCommand,
  endBehaviour,
  listBehaviours,
  trainBehaviour,
  type CollectOptions,
  type TrainOptions
} from './commands/collect.ts'
import { makeCommand, type MakeOptions } from './commands/collectMake.ts'
import { integer, numberFrom, positive, type Register } from './parsing.ts'

const tierHelp = `datasets to make, of ${tier.options.join(', ')} (default: medium-replay,medium-expert)`

/** Options of a training, all with values of their own where none are given. */
const training = (command: Command): Command =>
  command
    .addOption(new Option('--learner <name>', 'how it is trained').choices(learner.options).default('ppo'))
    .option(
      '--steps <n>',
      'environment steps of the training; a proposal for its environment where absent',
      positive
    )

/** Options of data that are made. */
const making = (command: Command): Command =>
  command
    .option('--transitions <n>', 'of each tier but medium-replay', positive, 200_000)
    .option('--noise <sd>', 'standard deviation of the noise on actions', numberFrom(0, 1), 0.1)

/**
 * `collect` and what is below it. Options that the commands below share with it are read by it wherever they stand, so these ask for
 * `optsWithGlobals`.
 */
export function addCollect(program: Command, run: Register): void {
  const collecting = program
    .command('collect [environment]')
    .description('train a policy here and make datasets of it; without an environment, list those trained')
  making(training(collecting))
    .option('--seed <n>', 'of the training and of the data', integer, 0)
    .option('--tiers <names>', tierHelp)
    .action((environment: string | undefined, options: CollectOptions, command: Command) =>
      run(command, context =>
        environment === undefined ? listBehaviours(context) : collectCommand(context, environment, options)
      )
    )
  addParts(collecting, run)
}

function addParts(collecting: Command, run: Register): void {
  collecting
    .command('list')
    .description('the policies trained here')
    .action((_options: unknown, command: Command) => run(command, listBehaviours))
  training(collecting.command('train [environment]').description('train a policy and wait for its end'))
    .option('--seed <n>', 'of the training', integer, 0)
    .option('--resume <behaviour>', 'let a training that ended before its time go on, as if it never had')
    .action((environment: string | undefined, _options: unknown, command: Command) =>
      run(command, context => trainBehaviour(context, environment, command.optsWithGlobals<TrainOptions>()))
    )
  making(collecting.command('make [behaviour]').description('make datasets of a policy trained here'))
    .option('--tiers <names>', tierHelp)
    .option('--seed <n>', 'of the data', integer, 0)
    .option('--random', 'of random actions, without a policy')
    .option('--environment <id>', 'with --random: where')
    .action((behaviour: string | undefined, _options: unknown, command: Command) =>
      run(command, context => makeCommand(context, behaviour, command.optsWithGlobals<MakeOptions>()))
    )
  const ends = [
    ['stop', 'end a training; what was reached stays'],
    ['remove', 'delete a policy and its checkpoints; datasets made of it stay']
  ] as const
  for (const [action, description] of ends)
    collecting
      .command(`${action} <behaviour>`)
      .description(description)
      .action((id: string, _options: unknown, command: Command) =>
        run(command, context => endBehaviour(context, action, id))
      )
}
