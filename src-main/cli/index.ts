import { Command, CommanderError, Option } from 'commander'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ContractError } from '../../src-preload/contract/client.ts'
import { packageRoot } from '../base/entries.ts'
import { UserError } from '../base/errors.ts'
import { lineLog, stackOf } from '../base/log.ts'
import { visible } from '../base/visible.ts'
import { defaultHomeFolder } from '../store/home.ts'
import { addCollect } from './collectCommands.ts'
import { compareCommand } from './commands/compare.ts'
import { listDatasets, listRecipes, makeDataset, removeDataset, showDataset } from './commands/datasets.ts'
import { checkDataset } from './commands/dynamics.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import {
  benchEngines,
  installEngine,
  listEngines,
  removeEngine,
  type InstallOptions
} from './commands/engines.ts'
import { evaluateCommand, type EvaluateOptions } from './commands/evaluate.ts'
import { exportCommand, type ExportOptions } from './commands/export.ts'
import { importCommand, type ImportOptions } from './commands/import.ts'
import { actOnRuns, listRuns, showLog, showRun, type RunAction } from './commands/runs.ts'
import { serveCommand, type ServeCommandOptions } from './commands/serve.ts'
import { startCommand, type StartOptions } from './commands/start.ts'
import { trainCommand } from './commands/train.ts'
import { exitCodeHelp, exitCodeOf, exitCodes, Cancelled } from './exitCodes.ts'
import { createOutput, type Streams } from './output.ts'
import { collect, integer, positive } from './parsing.ts'
import type { Action, Register } from './parsing.ts'
import type { TrainOptions } from './plan.ts'

/**
 * The command line: parses, runs one command, and reports what went wrong in one sentence.
 * @param argv arguments after the program's name
 * @returns the exit code
 */
export async function runCommandLine(
  argv: readonly string[],
  streams: Streams = { stdout: process.stdout, stderr: process.stderr }
): Promise<number> {
  let code: number = exitCodes.ok
  streams.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok) // the reader, such as `head`, has seen enough
    throw error
  })
  const program = createProgram(streams, async (command, action) => {
    code = await runAction(command, action, streams)
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    throw error
  }
}

async function runAction(command: Command, action: Action, streams: Streams): Promise<number> {
  const { home, json, verbose } = command.optsWithGlobals<{
    home?: string
    json?: boolean
    verbose?: boolean
  }>()
  const output = createOutput(streams, json === true)
  const log = lineLog(
    line => void (verbose === true || / error /.test(line) ? streams.stderr.write(line) : undefined)
  )
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.cancelled) // the second Ctrl+C does not wait
    controller.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
  try {
    return (
      (await action({ home: home ?? defaultHomeFolder(), output, log, signal: controller.signal })) ??
      exitCodes.ok
    )
  } catch (error) {
    explain(error, streams)
    return exitCodeOf(error)
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt)
  }
}

function explain(error: unknown, streams: Streams): void {
  if (error instanceof Cancelled) return void streams.stderr.write('cancelled\n')
  const known = error instanceof UserError || error instanceof ContractError
  streams.stderr.write(
    visible(known ? `stitchwork: ${error.message}\n` : `stitchwork: internal error: ${stackOf(error)}\n`)
  )
}

function createProgram(streams: Streams, run: Register): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string
  }
  const program = new Command('stitchwork')
    .description('A workbench for offline reinforcement learning.')
    .version(version)
    .option('--home <dir>', 'folder that holds datasets, runs and settings')
    .option('--json', 'print the result as JSON')
    .option('--verbose', 'write what the host does to standard error')
    .exitOverride()
    .configureOutput({
      writeOut: text => void streams.stdout.write(visible(text)),
      writeErr: text => void streams.stderr.write(visible(text))
    })
    .addHelpText('after', exitCodeHelp)
  addData(program, run)
  addTraining(program, run)
  addResults(program, run)
  addCollect(program, run)
  addEngines(program, run)
  addHosts(program, run)
  return program
}

function addData(program: Command, run: Register): void {
  program
    .command('import <path>')
    .description('import a dataset file or folder (Minari, D4RL HDF5, CSV)')
    .option('--name <name>', 'name of the dataset')
    .option('--answer <id=value>', 'answer a question that the file leaves open; repeatable', collect, [])
    .option('--inspect', 'report what the file holds and asks, and write nothing')
    .action((path: string, options: ImportOptions, command: Command) =>
      run(command, context => importCommand(context, path, options))
    )
  const datasets = program.command('datasets').description('list datasets')
  datasets.action((_options: unknown, command: Command) => run(command, listDatasets))
  datasets
    .command('show <dataset>')
    .description('what is known of a dataset')
    .action((word: string, _options: unknown, command: Command) =>
      run(command, context => showDataset(context, word))
    )
  datasets
    .command('check <dataset>')
    .description('repeat recorded steps in simulation: which variant of the robot fits')
    .action((word: string, _options: unknown, command: Command) =>
      run(command, context => checkDataset(context, word))
    )
  datasets
    .command('recipes')
    .description('built-in datasets that can be made here')
    .action((_options: unknown, command: Command) => run(command, listRecipes))
  datasets
    .command('make <recipe>')
    .description('make a built-in dataset')
    .option('--seed <n>', 'seed of its generator', integer, 0)
    .action((recipe: string, options: { seed: number }, command: Command) =>
      run(command, context => makeDataset(context, recipe, options.seed))
    )
  datasets
    .command('remove <dataset>')
    .description('delete a dataset that no run uses')
    .action((word: string, _options: unknown, command: Command) =>
      run(command, context => removeDataset(context, word))
    )
}

function addTraining(program: Command, run: Register): void {
  program
    .command('train [file]')
    .description('train every dataset x algorithm x seed of a plan file (YAML or JSON) or of the options')
    .option('-d, --dataset <name>', 'dataset by name or id; repeatable', collect, [])
    .option('-a, --algorithm <id>', 'bc, filteredBc, awr, awac or iql; repeatable', collect, [])
    .option('-s, --seeds <list>', 'seeds, such as 0-4 or 0,1,2')
    .option(
      '--set <field=value>',
      'a setting of all algorithms that have it, or algorithm.field=value; repeatable',
      collect,
      []
    )
    .option('--preset <id>', 'named settings to start from, such as locomotion, maze or teaching')
    .option('--name <name>', 'name of the experiment')
    .option('--engine <id>', 'engine, such as onnx or eager')
    .option('--threads <n>', 'threads a run', integer)
    .option('--precision <format>', 'of matrix products: float32, bfloat16 or tf32, where the engine has it')
    .option(
      '--seeds-in-one-graph <when>',
      'train runs that differ only in numbers as one: on, off, or auto (on GPUs)'
    )
    .option('--detach', 'leave the runs to a host in the background')
    .action((file: string | undefined, options: TrainOptions & { detach?: boolean }, command: Command) =>
      run(command, context => trainCommand(context, file, options))
    )
  const runs = program.command('runs [names...]').description('list runs')
  runs.action((names: string[], _options: unknown, command: Command) =>
    run(command, context => listRuns(context, names))
  )
  runs
    .command('show <run>')
    .description('what is known of a run: its engine, precision and settings')
    .action((word: string, _options: unknown, command: Command) =>
      run(command, context => showRun(context, word))
    )
  runs
    .command('log <run>')
    .description('what a run said')
    .action((word: string, _options: unknown, command: Command) =>
      run(command, context => showLog(context, word))
    )
  const actions: readonly (readonly [RunAction, string])[] = [
    ['pause', 'write a checkpoint and wait'],
    ['resume', 'go on from the newest checkpoint'],
    ['stop', 'write a checkpoint and end'],
    ['remove', 'delete runs and their files']
  ]
  for (const [action, description] of actions) {
    const command = runs.command(`${action} <names...>`).description(description)
    if (action === 'resume')
      command.option('--allow-inexact', 'also with another engine, version or thread count')
    command.action((names: string[], options: { allowInexact?: boolean }, self: Command) =>
      run(self, context => actOnRuns(context, action, names, options.allowInexact === true))
    )
  }
}

function addResults(program: Command, run: Register): void {
  program
    .command('evaluate <names...>')
    .description(
      'run the policies of runs for some episodes now; the result is shown and not stored, but for rollouts asked for'
    )
    .option('--episodes <n>', 'episodes a run', positive, 100)
    .option('--keep <n>', 'keep the first so many episodes for replay, at most 20', integer, 0)
    .option('--checkpoint <step>', 'step of the checkpoint, instead of the newest', integer)
    .addOption(
      new Option('--stored', 'list the evaluations made during training instead').conflicts('checkpoint')
    )
    .option('--last', 'with --stored: the newest of each run only')
    .action((names: string[], options: EvaluateOptions, command: Command) =>
      run(command, context => evaluateCommand(context, names, options))
    )
  program
    .command('compare [names...]')
    .description('groups of seeds side by side: of runs, groups, experiments, or of all runs on a dataset')
    .action((names: string[], _options: unknown, command: Command) =>
      run(command, context => compareCommand(context, names))
    )
  program
    .command('export <run>')
    .description('write a policy (ONNX), metrics (CSV) or a whole run')
    .addOption(
      new Option('--what <part>', 'what to write').choices(['policy', 'metrics', 'folder']).default('policy')
    )
    .option('--checkpoint <step>', 'step of the checkpoint, instead of the newest', integer)
    .action((word: string, options: ExportOptions, command: Command) =>
      run(command, context => exportCommand(context, word, options))
    )
}

function addEngines(program: Command, run: Register): void {
  const engines = program.command('engines').description('list what can train here')
  engines.action((_options: unknown, command: Command) => run(command, listEngines))
  engines
    .command('list')
    .description('the same')
    .action((_options: unknown, command: Command) => run(command, listEngines))
  engines
    .command('install <engine>')
    .description('download (or take from files), build and try an engine: tensorflow')
    .option('--wheel <file>', 'a Python wheel to take instead of a download; repeatable', collect, [])
    .option('--gpu', 'with CUDA, for NVIDIA devices')
    .option('--index <url>', 'package index; otherwise PIP_INDEX_URL, otherwise the public one')
    .option('--keep', 'keep what was downloaded')
    .action((engine: string, options: InstallOptions, command: Command) =>
      run(command, context => installEngine(context, engine, options))
    )
  engines
    .command('remove <engine>')
    .description('delete an installed engine')
    .action((engine: string, _options: unknown, command: Command) =>
      run(command, context => removeEngine(context, engine))
    )
  engines
    .command('bench')
    .description('steps per second of the engines here')
    .option('--threads <n>', 'threads a run, instead of all cores', positive)
    .action((options: { threads?: number }, command: Command) =>
      run(command, context => benchEngines(context, options.threads))
    )
}

function addHosts(program: Command, run: Register): void {
  const hosting = (command: Command): Command =>
    command
      .option('--port <n>', 'port on 127.0.0.1; 0 for any free one', integer)
      .option('--host <name:port>', 'another name by which a tunnel calls this host; repeatable', collect, [])
      .option('--dev', 'check results against the contract and read page files anew')
  const settled = <T extends ServeCommandOptions>(options: T): T => ({
    ...options,
    port: options.port ?? null
  })
  hosting(
    program
      .command('start', { isDefault: true })
      .description('open the window, or serve to a browser where there is none')
  )
    .option('--headless', 'serve to a browser')
    .action((options: StartOptions, command: Command) =>
      run(command, context => startCommand(context, settled(options)))
    )
  hosting(program.command('serve').description('serve to a browser on this machine'))
    .addOption(new Option('--until-idle').hideHelp())
    .action((options: ServeCommandOptions, command: Command) =>
      run(command, context => serveCommand(context, settled(options)))
    )
  program
    .command('demo')
    .description(
      'make the Crossroads demonstrations, train the five algorithms over three seeds, and compare them'
    )
    .option('--steps <n>', 'gradient steps a run, instead of the preset', integer)
    .action((options: { steps?: number }, command: Command) =>
      run(command, context => demoCommand(context, options.steps))
    )
  program
    .command('doctor')
    .description('check the installation and the home folder, and say what to do')
    .option('--rescue <file>', 'write a copy of what can be read of the store, and nothing else')
    .action((options: { rescue?: string }, command: Command) =>
      run(command, context => doctorCommand(context, options.rescue))
    )
}
