// Signs in, then shows GraphiQL. The token and what is typed stay in this tab's session storage.
(() => {
  'use strict';

  const ENDPOINT = '/graphql';
  const STORED_TOKEN = 'texting.token';
  const ABOUT_ME = `{
    viewer { subject roles org { id name } user { id displayName } }
    orgs(first: 5) { edges { node { id } } }
  }`;
  const SOME_USERS = `query($orgId: ID) {
    users(orgId: $orgId, first: 50) { edges { node { id eligibility { outcome } } } }
  }`;

  const element = (id) => document.getElementById(id);
  const storedToken = () => window.sessionStorage.getItem(STORED_TOKEN);
  const notice = (text) => {
    element('notice').textContent = text;
  };

  const ask = (input, init, token = storedToken()) =>
    window.fetch(input, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });

  const answered = async (query, variables, token) => {
    const body = JSON.stringify({ query, variables });
    const response = await ask(ENDPOINT, { method: 'POST', headers: { 'content-type': 'application/json' }, body }, token);
    return { status: response.status, ...(await response.json()) };
  };

  const aboutMe = async (token) => {
    const { data, errors, status } = await answered(ABOUT_ME, {}, token);
    if (!data?.viewer) {
      throw new Error(errors?.[0]?.message ?? `the server answered ${status}`);
    }
    const nodes = (list) => (list?.edges ?? []).flatMap((edge) => edge?.node ?? []);
    // A provider's own organization has no users: what is ready-made is about a customer that has some.
    const found = { viewer: data.viewer, orgId: data.viewer.org?.id, someone: [] };
    for (const { id: orgId } of nodes(data.orgs)) {
      // Not every role may list users: the viewer alone decides who comes in.
      const someone = nodes((await answered(SOME_USERS, { orgId }, token)).data?.users);
      if (someone.length > 0) {
        return { ...found, orgId, someone };
      }
    }
    return found;
  };

  const sockets = window.graphqlWs.createClient({
    url: new URL(ENDPOINT, window.location.href.replace(/^http/, 'ws')).href,
    lazy: true,
    connectionParams: () => ({ authorization: `Bearer ${storedToken()}` }),
  });
  const send = window.GraphiQL.createFetcher({ url: ENDPOINT, fetch: ask });

  // GraphiQL looks a moment after the text has changed for the operation's name and for what kind it is: until then it
  // tells the old ones. Both are read from the text here.
  const fetcher = ({ operationName, ...asked }, options) => {
    const isThere = operationName && new RegExp(`\\b${operationName}\\b`).test(asked.query);
    const named = isThere ? { operationName, ...asked } : asked;
    const isSubscription = new RegExp(`^\\s*subscription\\b${isThere ? `\\s+${operationName}\\b` : ''}`, 'm');
    return isSubscription.test(asked.query) ? sockets.iterate(named) : send(named, options);
  };

  const plugins = [window.GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })];

  let root = null;
  const show = (operation) => {
    root ??= window.ReactDOM.createRoot(element('graphiql'));
    root.render(
      window.React.createElement(window.GraphiQL, {
        fetcher,
        plugins,
        storage: window.sessionStorage,
        shouldPersistHeaders: false,
        defaultEditorToolsVisibility: 'variables',
        ...operation,
      }),
    );
  };

  const isDenied = ({ eligibility }) => eligibility?.outcome === 'DENIED';

  const fill = (variables, known) =>
    JSON.parse(JSON.stringify(variables), (_, value) =>
      typeof value === 'string' ? value.replace(/^\{(\w+)\}$/, (all, name) => known[name]?.() ?? `paste the ${name}`) : value,
    );

  const offer = async (known) => {
    const select = element('ready');
    const operations = await (await window.fetch(select.dataset.source)).json();
    select.replaceChildren(select.options[0], ...operations.map(({ title }) => new Option(title, title)));
    select.onchange = () => {
      const chosen = operations.find(({ title }) => title === select.value);
      if (chosen) {
        show({ query: chosen.query, variables: JSON.stringify(fill(chosen.variables, known), null, 2) });
      }
    };
    return operations[0];
  };

  const enter = async (token) => {
    const { viewer, orgId, someone } = await aboutMe(token);
    window.sessionStorage.setItem(STORED_TOKEN, token);
    const place = viewer.org ? ` in ${viewer.org.name}` : '';
    element('who').textContent = `${viewer.user?.displayName ?? viewer.subject}: ${viewer.roles.join(', ')}${place}`;
    element('who').title = element('who').textContent;
    element('sign-in').hidden = true;
    element('session').hidden = false;
    notice('');
    const first = await offer({
      orgId: () => orgId,
      userId: () => viewer.user?.id ?? someone.at(-1)?.id,
      deniedUserId: () => viewer.user?.id ?? (someone.find(isDenied) ?? someone.at(-1))?.id,
      key: () => window.crypto.randomUUID?.() ?? String(Date.now()),
    });
    show({ defaultQuery: first.query });
  };

  const leave = () => {
    window.sessionStorage.clear();
    window.location.reload();
  };

  element('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = element('token');
    enter(field.value.trim())
      .then(() => {
        field.value = '';
      })
      .catch((error) => notice(`Not signed in: ${error.message}`));
  });
  element('sign-out').addEventListener('click', leave);

  if (storedToken()) {
    enter(storedToken()).catch(() => {
      window.sessionStorage.removeItem(STORED_TOKEN);
      notice('The token of this tab has ended: sign in again.');
    });
  } else {
    // GraphiQL may have written once more while its page was left.
    window.sessionStorage.clear();
  }
})();
