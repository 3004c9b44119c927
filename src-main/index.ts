// The one entry: the desktop under Electron, else the command line. Everything else is loaded after the runtime is known
// to carry it, because the native packages crash an old Node without a word.
const oldestNodeApi = 10

if (Number(process.versions.napi) < oldestNodeApi) {
  process.stderr.write(
    `Stitchwork needs Node 22.14 or newer, and this is ${process.versions.node}. ` +
      '`npm ci` installs Node 24 beside the app, and `npm start` and `npm run stitchwork` use it.\n'
  )
  process.exitCode = 2
} else if (process.versions.electron !== undefined) {
  const { desktopFromArguments } = await import('./shell/arguments.ts')
  await desktopFromArguments(process.argv)
} else {
  const { runCommandLine } = await import('./cli/index.ts')
  process.exitCode = await runCommandLine(process.argv.slice(2))
}
