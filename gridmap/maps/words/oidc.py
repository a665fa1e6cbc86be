"""Signing in by way of an OpenID provider: what went wrong, and what to do. Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    "sign_in_by": ("用“{name}”登录", "Sign in with {name}"),
    "oidc_refused": ("没有登录成功", "You are not signed in"),
    "oidc_why_state": (
        "这次登录不是从这个浏览器开始的，或者过了十分钟，或者已经用过。请重新登录。",
        (
            "This sign-in was not begun in this browser, took longer than ten minutes, or was used already. "
            "Begin again."
        ),
    ),
    "oidc_why_provider": (
        "“{name}”没有让您登录：可能是您在那里取消了，或者那里不许您使用网格地图。",
        "{name} did not sign you in: perhaps you cancelled it there, or you may not use gridmap there.",
    ),
    "oidc_why_code": (
        "“{name}”不再认这次登录。请重新登录。",
        "{name} does not know of this sign-in any more. Begin again.",
    ),
    "oidc_why_id_token": (
        "“{name}”给出的身份凭证不对，没有采用。请重新登录；再出现请告诉街道办事处。",
        (
            "What {name} says of you does not hold, and was not used. Begin again; if it stays so, tell the "
            "subdistrict office."
        ),
    ),
    "oidc_why_account": (
        "这个账号已停用。请与街道办事处联系。",
        "This account is out of use. Ask the subdistrict office.",
    ),
    "oidc_why_unlinked": (
        "“{name}”认得您，但这里还没有账号与您相连。请把下面的编号交给街道办事处。",
        "{name} knows you, but no account here is linked to you. Give this number to the subdistrict office.",
    ),
    "oidc_why_later": (
        "暂时不能用“{name}”登录。请过一会儿再试。",
        "Signing in with {name} does not work at the moment. Try again in a while.",
    ),
    "oidc_again": ("返回登录页", "Back to the sign-in page"),
}
