import { UserError } from '../base/errors.ts'

/** A folder whose content is not what was written. */
export const corrupt = (folder: string, what: string): UserError =>
  new UserError(
    'dataset-corrupt',
    `the dataset in ${folder} is damaged (${what}); import it again from its file`,
    { folder }
  )
