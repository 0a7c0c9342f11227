import { checkTemplate } from '../../../words/templates/check-template.ts';
import type { Place, TemplateTrouble } from '../../../words/templates/liquid-template.ts';
import type { Form } from '../forms.ts';
import { type KeyRow, text } from '../key.ts';

const PULL = 'spec.repositories[].pullRequest';

/** A Liquid template of one line. */
const LINE_TEMPLATE = templateForm('line');
/** A Liquid template of Markdown. */
const BODY_TEMPLATE = templateForm('body');

/** A file below the configuration's own folder. */
const FILE_BELOW: Form = {
  says: "a file below the configuration's folder, such as templates/body.md",
  refuse: (path) => {
    const segments = path.split('/');
    const isPlain = path.length <= 512 && !/[\p{Cc}\\]/u.test(path);
    return isPlain && segments.every((segment) => !['', '.', '..'].includes(segment)) ? null : '';
  },
};

/** Templates of `spec.repositories[].pullRequest`. */
export const PULL_REQUEST_WORDS: readonly KeyRow[] = [
  {
    path: `${PULL}.title`,
    type: text(LINE_TEMPLATE),
    default: null,
    about: 'A [template](docs/templates.md) of the title; left out: our own words.',
    example: '"[{{ repository }}] {{ subject }}"',
  },
  {
    path: `${PULL}.body`,
    type: text(BODY_TEMPLATE),
    default: null,
    about: 'A [template](docs/templates.md) of the body, in Markdown; what machines read is put behind it in any case.',
    example: '"{{ sections.opening }}"',
  },
  {
    path: `${PULL}.bodyFile`,
    type: text(FILE_BELOW),
    default: null,
    about: "A file with that template, below this file's folder.",
    example: 'templates/body.md',
  },
];

/** The template of `spec.repositories[].commit`. */
export const SUBJECT_WORDS: KeyRow = {
  path: 'spec.repositories[].commit.subject',
  type: text(LINE_TEMPLATE),
  default: null,
  about: 'A [template](docs/templates.md) of the first line, at most 72 characters; left out: our own words.',
  example: '"chore: {{ subject }}"',
};

function templateForm(place: Place): Form {
  return {
    says: 'a template that can be used',
    refuse: (template) => {
      const trouble = checkTemplate(template, place);
      return trouble === null ? null : troubleText(trouble);
    },
  };
}

/** `line 1, column 4 of it: unknown variable x; did you mean y?` */
function troubleText({ line, column, message, hint }: TemplateTrouble): string {
  return `line ${line}, column ${column} of it: ${message}${hint === null ? '' : `; ${hint}`}`;
}
