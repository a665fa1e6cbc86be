"""The page to sign in, and the accounts of the demonstration. Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    "sign_in_lead": ("用单位发给您的账号登录。", "Sign in with the account that your office gave you."),
    "login": ("用户名", "Login"),
    "password": ("密码", "Password"),
    "wrong_login": ("用户名或密码不对。", "Login or password is wrong."),
    "too_many_logins": (
        "尝试次数过多，请等 15 分钟再试。",
        "Too many attempts to sign in; wait 15 minutes.",
    ),
    "other_ways": ("其他登录方式", "Other ways to sign in"),
    "trials": ("演示账号，一点即登录：", "Demonstration accounts, one click signs in:"),
    "trials_heading": ("演示账号", "Demonstration accounts"),
    "trials_why": (
        "本辖区为示意数据。这些账号只属于演示，不需要密码。",
        "This district and its accounts are made up; they need no password.",
    ),
    "trials_bare": (
        "这里还没有案件。可加入近日的示意上报、案件和排查，约十秒。",
        "No cases here yet: made-up reports, cases and inspections of the last days take ten seconds.",
    ),
    "trials_fill": ("加入示意案件", "Add made-up cases"),
    "back_to_map": ("不登录，只看网格地图", "Without signing in: the grid map only"),
}
