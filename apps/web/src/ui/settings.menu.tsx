import { useEffect, useId, useRef, useState } from 'react';
import { LANGUAGE_CODES, LANGUAGES } from '../i18n/languages.js';
import { systemLanguage, useMessages } from '../i18n/use.messages.js';
import { canVibrate } from '../settings/cue.player.js';
import { type Settings, settings } from '../settings/settings.store.js';
import { useSettings } from '../settings/use.settings.js';
import { Button } from './button.js';
import { SelectField, Switch } from './field.js';
import { GearIcon } from './icons.js';

/** The button with the settings of this browser behind it: language, appearance, contrast, sound, vibration. */
export function SettingsMenu() {
  const messages = useMessages();
  const [isOpen, setOpen] = useState(false);
  const panelId = useId();
  const menu = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: Event) => {
      if (event.target instanceof Node && menu.current?.contains(event.target) === false) setOpen(false);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    document.addEventListener('keydown', key);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
      document.removeEventListener('keydown', key);
    };
  }, [isOpen]);
  return (
    <div className="qb-menu" ref={menu}>
      <Button
        ref={button}
        variant="quiet"
        size="icon"
        icon={<GearIcon />}
        aria-label={messages.settings.title}
        aria-expanded={isOpen}
        aria-controls={isOpen ? panelId : undefined}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && <SettingsPanel id={panelId} />}
    </div>
  );
}

function SettingsPanel({ id }: { readonly id: string }) {
  const { settings: texts } = useMessages();
  const { language, theme, isContrastHigh, hasSound, hasVibration } = useSettings();
  return (
    <fieldset className="qb-menu-panel" id={id} aria-label={texts.title}>
      <SelectField
        label={texts.language}
        value={language}
        onChange={({ target }) => settings.change({ language: target.value as Settings['language'] })}
      >
        <option value="system">{texts.languageSystem(LANGUAGES[systemLanguage()].name)}</option>
        {LANGUAGE_CODES.map((code) => (
          <option key={code} value={code} lang={code}>
            {LANGUAGES[code].name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={texts.theme}
        value={theme}
        onChange={({ target }) => settings.change({ theme: target.value as Settings['theme'] })}
      >
        <option value="system">{texts.themeSystem}</option>
        <option value="light">{texts.themeLight}</option>
        <option value="dark">{texts.themeDark}</option>
      </SelectField>
      <Switch
        label={texts.contrast}
        isOn={isContrastHigh}
        onChange={(isOn) => settings.change({ isContrastHigh: isOn })}
      />
      <Switch label={texts.sound} isOn={hasSound} onChange={(isOn) => settings.change({ hasSound: isOn })} />
      {canVibrate() && (
        <Switch
          label={texts.vibration}
          isOn={hasVibration}
          onChange={(isOn) => settings.change({ hasVibration: isOn })}
        />
      )}
    </fieldset>
  );
}
