import { dialog, type BrowserWindow } from 'electron'

export type ClosingChoice = 'background' | 'quit' | 'stay'

const choices: readonly ClosingChoice[] = ['background', 'quit', 'stay']

/** Asks what becomes of the runs that are training or waiting when the window closes. */
export async function askAboutRuns(window: BrowserWindow, activeRuns: number): Promise<ClosingChoice> {
  const runs = activeRuns === 1 ? '1 run is' : `${activeRuns} runs are`
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: 'Stitchwork',
    message: `${runs} still active.`,
    detail:
      'In the background they go on without a window; start Stitchwork again to see them. ' +
      'Quitting writes a checkpoint of each, and they can be resumed from it.',
    buttons: ['Go on in the background', 'Checkpoint and quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true
  })
  return choices[response] ?? 'stay'
}
