import { plainText } from '../../domain/plain-text.ts';
import { commitMessage, subject } from '../commit-message.ts';
import { bodyEnd, fittingBody, type PullRequestText, pullRequestText } from '../pull-request.ts';
import { checkTemplate, isLeftOpen, whyNotRendered } from './check-template.ts';
import { type ParsedTemplate, type Place, parseTemplate } from './liquid-template.ts';
import { type PlacedSubject, templateFacts } from './template-facts.ts';

/** The texts of people's templates; null: our own words. */
export interface TemplateTexts {
  readonly subject: string | null;
  readonly title: string | null;
  readonly body: string | null;
}

/** Templates that can be used. */
export interface Templates {
  readonly subject: ParsedTemplate | null;
  readonly title: ParsedTemplate | null;
  readonly body: ParsedTemplate | null;
}

export const OWN_WORDS: Templates = { subject: null, title: null, body: null };

/** The longest subject of a commit and title of a pull request, in characters; a title is GitHub's limit. */
const MAX_SUBJECT = 72;
const MAX_TITLE = 256;

/** What a proposal says. */
export interface Said {
  readonly message: string;
  readonly text: PullRequestText;
  /** Templates that were passed over for our own words, and why. */
  readonly passedOver: readonly { readonly template: keyof Templates; readonly reason: string }[];
}

/** Parses texts that were checked; what cannot be parsed is our own words. */
export function parseTemplates({ subject: line, title, body }: TemplateTexts): Templates {
  return { subject: parsed(line, 'line'), title: parsed(title, 'line'), body: parsed(body, 'body') };
}

/** Words of a proposal by people's templates; where one says nothing or too much, by ours. The trailers are ours in any case. */
export function sayProposal(about: PlacedSubject, templates: Templates): Said {
  const { plan, events, stage, part } = about;
  const own = pullRequestText(about);
  const line = said(templates.subject, (template) => oneLine(template, about, MAX_SUBJECT));
  const title = said(templates.title, (template) => oneLine(template, about, MAX_TITLE));
  const body = said(templates.body, (template) => bodyBy(template, about));
  const told = { subject: line, title, body };
  return {
    message: commitMessage(plan.edits, events, stage, line.text ?? subject(plan.edits, stage, part)),
    text: { title: title.text ?? own.title, body: body.text ?? own.body },
    passedOver: (['subject', 'title', 'body'] as const).flatMap((template) => {
      const { reason } = told[template];
      return reason === null ? [] : [{ template, reason }];
    }),
  };
}

interface Line {
  readonly text: string | null;
  readonly reason: string | null;
}

function said(template: ParsedTemplate | null, render: (template: ParsedTemplate) => Line): Line {
  if (template === null) return { text: null, reason: null };
  try {
    return render(template);
  } catch (error) {
    return { text: null, reason: `It cannot be rendered: ${whyNotRendered(error)}` };
  }
}

function oneLine(template: ParsedTemplate, about: PlacedSubject, most: number): Line {
  const rendered = template.render(templateFacts(about, 'line', 100));
  const text = plainText(rendered.replaceAll(/\s+/g, ' ').trim(), most + 1);
  if (text === '') return { text: null, reason: 'It says nothing.' };
  return text.length > most ? { text: null, reason: `It says more than ${most} characters.` } : { text, reason: null };
}

function bodyBy(template: ParsedTemplate, about: PlacedSubject): Line {
  let isWhole = true;
  const text = fittingBody(bodyEnd(about), (limit) => {
    const rendered = template.render(templateFacts(about, 'body', limit)).trim();
    isWhole = rendered !== '' && !isLeftOpen(rendered);
    return [rendered];
  });
  if (!isWhole) return { text: null, reason: 'It says nothing, or leaves a code fence, a comment or <details> open.' };
  return text === null ? { text, reason: 'It says too much, even with empty lists.' } : { text, reason: null };
}

function parsed(text: string | null, place: Place): ParsedTemplate | null {
  if (text === null || checkTemplate(text, place) !== null) return null;
  const result = parseTemplate(text, place);
  return result.kind === 'template' ? result.template : null;
}
