import { AuditSettings, type AuditWishes } from '@allibrary/contracts';
import { type Settings, SettingsFollower } from '@allibrary/messaging';

/** The settings of the audit that are in force. */
export class CurrentAuditSettings {
  #follower: SettingsFollower<typeof AuditSettings> | undefined;

  private constructor(
    private readonly settings: Settings,
    private current: AuditWishes,
  ) {}

  /** Reads the settings once; {@link follow} keeps them up to date. */
  static async open(settings: Settings): Promise<CurrentAuditSettings> {
    return new CurrentAuditSettings(settings, (await settings.read(AuditSettings)).value);
  }

  get value(): AuditWishes {
    return this.current;
  }

  /** Follows the settings until closed; the last values stay in force while they cannot be read. */
  follow(onChange: () => void): void {
    this.#follower = new SettingsFollower(this.settings, AuditSettings, ({ value }) => {
      this.current = value;
      onChange();
    });
  }

  async close(): Promise<void> {
    await this.#follower?.close();
  }
}
