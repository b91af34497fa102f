import sys; sys.path.insert(0,'/work/main')
from tests.web.traveller.test_english_pages import *
from tests.support.database import *
from tests.support.app import *
import pytest
@pytest.mark.usefixtures("everything")
def test_mine(client, services):
    from tests.web.traveller.visitor import Visitor
    v=Visitor(client); bad=[]
    for p in ("/en/open","/en/directory?sort=fresh","/en/directory/JL001","/en/directory/JL013","/en/directory/JL050"):
        page=v.open(p); bad+=[(p,u) for u in unmarked(page)]
    print(bad); assert not bad
