import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { type Changing, recordChange } from './account-change.ts'

/** What people may change about themselves without being asked for their password. */
export interface Profile {
  readonly name: string
  /** Null to go by what the browser asks for. */
  readonly language: Language | null
  readonly mailMissed: boolean
  readonly mailNames: boolean
}

/** Changes what differs. The record says what was changed, and not from what to what. @returns whether anything was. */
export const changeProfile = (db: Database, changing: Changing, wanted: Partial<Profile>): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const { userId } = changing.webSession
    const row = await transaction
      .selectFrom('user')
      .select(['name', 'language', 'mailMissed', 'mailNames'])
      .where('id', '=', userId)
      .executeTakeFirstOrThrow()
    const has: Profile = { ...row, language: row.language as Language | null, ...switches(row) }
    const changed = Object.entries(wanted).filter(([key, value]) => has[key as keyof Profile] !== value)
    if (changed.length === 0) return false
    const updatedAt = new Date(changing.now).toISOString()
    const set = Object.fromEntries(
      changed.map(([key, value]) => [key, typeof value === 'boolean' ? Number(value) : value]),
    )
    await transaction
      .updateTable('user')
      .set({ ...set, updatedAt })
      .where('id', '=', userId)
      .execute()
    const fields = changed.map(([key]) => key).join(' ')
    await recordChange(transaction, 'account-changed', changing, { fields })
    return true
  })

const switches = ({ mailMissed, mailNames }: { mailMissed: number; mailNames: number }) => ({
  mailMissed: mailMissed === 1,
  mailNames: mailNames === 1,
})
